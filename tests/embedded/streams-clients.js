// kt serve and clients that nobody wrote for it: streams-clients.js MODULES HOST:PORT CHAT:PORT TOPIC, with npm's ws and
// eventsource in MODULES. Prints "ok - WHAT" or "not ok - WHAT"; then "first", and goes on with a line of stdin, after
// which there is another server.
'use strict';
const path = require('path');
const [modules, api, chat, topic] = process.argv.slice(2);
const WebSocket = require(path.join(modules, 'ws'));
const { EventSource } = require(path.join(modules, 'eventsource'));

const say = (good, words, got) => console.log(`${good ? 'ok' : 'not ok'} - ${words}${good ? '' : `: ${JSON.stringify(got)}`}`);
const post = (value) => fetch(`http://${api}/produce/${topic}`, { method: 'POST', body: value });
// Waits until there are so many.
const until = async (list, n) => {
  while (list.length < n) await new Promise((done) => setTimeout(done, 20));
  return list;
};
const open = (url, options) => new Promise((done, failed) => {
  const socket = new WebSocket(url, options);
  socket.texts = [];
  socket.ends = [];
  socket.on('message', (data, binary) => socket.texts.push(binary ? null : data.toString()));
  socket.on('close', (code) => socket.ends.push(code));
  socket.on('open', () => done(socket));
  socket.on('error', failed);
});

async function chats() {
  const [one, other] = [await open(`ws://${chat}/ws`), await open(`ws://${chat}/ws`, { perMessageDeflate: false })];
  say(one.extensions === '', 'ws: no compression, although it was offered', one.extensions);
  const long = 'x'.repeat(60000);
  one.send('é€😀');
  await until(other.texts, 1);
  other.send('in ', { fin: false });
  other.ping();
  other.send('pieces', { fin: true });
  await until(one.texts, 2);
  one.send(long);
  const wanted = JSON.stringify(['é€😀', 'in pieces', long]);
  for (const each of [one, other]) say(JSON.stringify(await until(each.texts, 3)) === wanted, 'ws: a chat', each.texts);
  one.ping('are you there');
  const pong = await new Promise((done) => one.once('pong', done));
  say(pong.toString() === 'are you there', 'ws: a pong', pong.toString());
  other.send(Buffer.from([0]));
  say((await until(other.ends, 1))[0] === 1008, 'ws: bytes are no text', other.ends);
  one.close(1000, 'bye');
  say((await until(one.ends, 1))[0] === 1000, 'ws: a goodbye is answered', one.ends);
}

async function streams() {
  const socket = await open(`ws://${api}/ws/consume/${topic}`);
  const source = new EventSource(`http://${api}/events/${topic}`), events = [];
  source.onmessage = (event) => events.push(event);
  await new Promise((done) => { source.onopen = done; });
  for (const n of [1, 2, 3]) await post(`é${n}`);
  const payloads = (list, of) => list.map((each) => JSON.parse(of(each)).payload).join();
  say(payloads(await until(socket.texts, 3), (text) => text) === 'é1,é2,é3', 'ws: records', socket.texts);
  say(payloads(await until(events, 3), (event) => event.data) === 'é1,é2,é3', 'eventsource: records', events.map((e) => e.data));
  say(events.map((event) => event.lastEventId).join() === '0:1,0:2,0:3', 'eventsource: their ids', events.map((e) => e.lastEventId));
  console.log('first');
  await new Promise((done) => process.stdin.once('data', done));
  say((await until(socket.ends, 1))[0] === 1001, 'ws: the server says goodbye', socket.ends);
  await post('é5');
  say(payloads(await until(events, 5), (event) => event.data) === 'é1,é2,é3,é4,é5',
    'eventsource: comes again by itself, and misses nothing', events.map((e) => e.data));
  source.close();
}

chats().then(streams).then(() => process.exit(0), (error) => {
  say(false, 'runs to its end', String(error));
  process.exit(1);
});
