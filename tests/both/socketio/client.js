// A client of Socket.IO, of whichever version: node client.js MODULES URL polling|websocket|upgrade
//
// Goes through the course's program and prints a line of JSON for all that came of it. What is echoed is sent at once
// where the transport is to be upgraded, and again when that is done.
'use strict';
const [modules, url, transport] = process.argv.slice(2);
const io = require(modules + '/socket.io-client');
const text = 'é€😀';
const transports = transport === 'upgrade' ? ['polling', 'websocket'] : [transport];
const options = {transports, forceNew: true, 'force new connection': true, reconnection: false, timeout: 100000};
const socket = io(url + '/test', options);
const got = {responses: [], acknowledged: 0, upgraded: false, by: null};

function finish(why) {
  got.end = why;
  process.stdout.write(JSON.stringify(got) + '\n', () => process.exit(0));
}
const failed = (error) => finish('error: ' + (error && error.message || error));
socket.on('connect_error', failed);
socket.on('error', failed);
socket.on('connect_timeout', failed);

// Each step begins when what the one before asked for has come.
const steps = [
  () => socket.emit('echo_event', {data: text}),
  () => whenUpgraded(() => socket.emit('echo_event', {data: text})),
  () => {
    got.by = socket.io.engine.transport.name;
    socket.emit('echo_event', {nothing: 1});
    socket.emit('broadcast_event', {data: text});
  },
  () => socket.emit('echo_event', {data: 'acknowledge'}, () => { got.acknowledged++; }),
  () => socket.emit('disconnect_request'),
];
function whenUpgraded(run) {
  const engine = socket.io.engine;
  const look = () => {
    got.upgraded = engine.transport.name === 'websocket';
    run();
  };
  if (transport !== 'upgrade' || engine.transport.name === 'websocket') look();
  else engine.once('upgrade', look);
}
socket.on('my_response', (response) => {
  got.responses.push(response);
  const step = steps.shift();
  if (step) step();
});
socket.on('connect', () => socket.emit('my_event', {data: "I'm connected!"}));
socket.on('disconnect', (why) => finish(why));
