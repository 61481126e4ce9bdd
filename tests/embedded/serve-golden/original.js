// The Express program that the lab ping of kt serve stands for, with a file in place of a broker: original.js PORT VALUES
const express = require('express');
const bodyParser = require('body-parser');
const fs = require('fs');
const [port, values] = process.argv.slice(2);
const app = express();
app.use(bodyParser.json());
app.use(bodyParser.urlencoded({ extended: true }));
app.get('/', (req, res) => res.send('Go check the ping endpoint.'));
app.get('/ping', (req, res) => res.send('pong'));
app.post('/ping', (req, res) => {
  fs.appendFileSync(values, JSON.stringify(req.body) + '\n');
  res.json(req.body);
});
app.listen(Number(port), '127.0.0.1');
