// Watches topics: an overview that is asked for every two seconds, and one topic's records as they come, one by one or
// the latest of each key. Whatever a record holds is put into the page as text, never as markup; of the records that
// come the last few thousand are kept, and as many rows drawn as can be seen.
const el = Object.fromEntries([...document.querySelectorAll("[id]")].map((e) => [e.id, e]));
const most = { records: 5000, chars: 8 << 20, keys: 10000, keyChars: 16 << 20, columns: 30, shown: 100000, minute: 30, partitions: 256 };
const narrow = matchMedia("(max-width: 40rem)");
const count = (n) => n === null || n === undefined ? "–" : n.toLocaleString();
const pace = (n) => n === null || n === undefined ? "–"
  : n.toLocaleString([], { maximumFractionDigits: n < 10 ? 1 : 0 });

// A size in words.
function size(n) {
  if (n === null || n === undefined)
    return "–";
  const unit = Math.min(Math.floor(Math.log(Math.max(n, 1)) / Math.log(1024)), 4);
  const value = n / 1024 ** unit;
  return `${value.toLocaleString([], { maximumFractionDigits: unit && value < 10 ? 1 : 0 })} ${["B", "kB", "MB", "GB", "TB"][unit]}`;
}

// What would not be seen, or would turn the text beside it around, is shown.
const unseen = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const unseenButLines = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
function sign(c) {
  const code = c.charCodeAt(0);
  return code < 32 ? String.fromCharCode(0x2400 + code) : `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}
const plain = (text) => text.replace(unseen, sign);

function node(name, className, text) {
  const e = document.createElement(name);
  if (className)
    e.className = className;
  if (text !== undefined)
    e.textContent = text;
  return e;
}

// Sets what is not so already: a row that stays the same costs nothing.
function put(e, text, className) {
  if (e.textContent !== text)
    e.textContent = text;
  if (className !== undefined && e.className !== className)
    e.className = className;
}

function say(state, text) {
  put(el.state, text);
  el.state.dataset.state = state;
}

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

// ---- The server -----------------------------------------------------------------------------------------------------

// Asked for once, and kept as long as the tab.
let asking = null;
function askForToken(why) {
  asking ??= new Promise((done) => {
    el.askWhy.textContent = why;
    el.token.value = "";
    el.ask.showModal();
    el.ask.addEventListener("close", () => {
      sessionStorage.setItem("kt.token", el.token.value.trim());
      el.token.value = "";
      asking = null;
      done();
    }, { once: true });
  });
  return asking;
}

async function ask(path, options = {}) {
  for (;;) {
    const token = sessionStorage.getItem("kt.token");
    const headers = { ...options.headers, ...token ? { Authorization: `Bearer ${token}` } : {} };
    const answer = await fetch(path, { ...options, headers, cache: "no-store" });
    if (answer.status !== 401)
      return answer;
    // Another one was given meanwhile.
    if (sessionStorage.getItem("kt.token") !== token)
      continue;
    say("waiting", "a token is needed");
    await askForToken(token ? "That token is not one of this server's." : "It stays in this tab, and is forgotten with it.");
  }
}

// Why not, in the server's words.
async function reason(answer) {
  const text = await answer.text();
  try {
    const said = JSON.parse(text);
    return said.error ?? said.message ?? text;
  } catch {
    return text.trim() || `${answer.status}`;
  }
}

// What fetch() throws is a TypeError, in words of each browser's own.
const lost = (error) => error instanceof TypeError ? "no connection to kt serve; trying again" : error.message;

// ---- All topics -----------------------------------------------------------------------------------------------------

const topics = new Map(); // by name: what is known, with its rates
let groups = null;
let known = null; // the answer
let rates = []; // of all
const order = { by: "topic", down: false };

function takeTopics(next) {
  const seconds = known ? (next.at - known.at) / 1000 : 0;
  let sum = null;
  for (const topic of next.topics) {
    const before = topics.get(topic.topic);
    const t = { ...topic, rate: null, rates: before?.rates ?? [], row: before?.row, seen: next.at };
    if (before && seconds > 0 && topic.written !== null && before.written !== null) {
      // A topic that was made anew begins anew.
      t.rate = Math.max(topic.written - before.written, 0) / seconds;
      sum = (sum ?? 0) + t.rate;
      t.rates = [...t.rates, t.rate].slice(-most.minute);
    } else if (before && !seconds) {
      t.rate = before.rate;
    }
    topics.set(topic.topic, t);
  }
  for (const [name, t] of topics)
    if (t.seen !== next.at) {
      t.row?.remove();
      topics.delete(name);
    }
  if (sum !== null)
    rates = [...rates, sum].slice(-most.minute);
  groups = next.groups;
  known = next;
}

async function look() {
  try {
    const answer = await ask("overview");
    if (!answer.ok)
      throw new Error(await reason(answer));
    const next = await answer.json();
    if (!known || next.at > known.at)
      takeTopics(next);
    narrowFrom();
    if (!stream.topic)
      say("live", "live");
    draw();
    return next.again_ms;
  } catch (error) {
    // A stream has words of its own.
    if (!stream.topic)
      say("lost", lost(error));
    return 2000;
  }
}

async function lookForEver() {
  for (;;) {
    const ms = await look();
    await pause(ms);
    while (document.hidden)
      await new Promise((done) => { document.addEventListener("visibilitychange", done, { once: true }); });
  }
}

// A line of the last minute, as wide as there is room.
function spark(svg, values) {
  const text = values.map((v) => Math.round(v)).join();
  if (svg.dataset.values === text)
    return;
  svg.dataset.values = text;
  svg.setAttribute("viewBox", `0 0 ${most.minute - 1} 20`);
  svg.setAttribute("preserveAspectRatio", "none");
  const top = Math.max(...values, 1);
  const at = values.map((v, i) => `${most.minute - values.length + i},${(19 - 18 * v / top).toFixed(1)}`);
  const drawn = values.length > 1 && values.some((v) => v);
  svg.replaceChildren(...drawn ? ["area", "line"].map((what) => {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("class", what);
    path.setAttribute("d", what === "line" ? `M${at.join("L")}`
      : `M${most.minute - values.length},20L${at.join("L")}L${most.minute - 1},20Z`);
    return path;
  }) : []);
}

function topicRow(t) {
  if (t.row)
    return t.row;
  const row = node("tr");
  const link = node("a", "", plain(t.topic));
  link.href = `#/${encodeURIComponent(t.topic)}`;
  row.append(node("td"), node("td", "n least"), node("td", "n"), node("td", "n spare"), node("td", "n"), node("td", "least"));
  row.cells[0].append(link);
  row.cells[5].append(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
  row.cells[5].firstChild.setAttribute("class", "spark");
  t.row = row;
  return row;
}

function drawTopics(words) {
  const found = [...topics.values()].filter((t) => t.topic.toLowerCase().includes(words));
  const way = order.down ? -1 : 1;
  const byName = (a, b) => a.topic < b.topic ? -1 : 1;
  found.sort((a, b) => order.by === "topic" ? way * byName(a, b)
    : way * ((a[order.by] ?? -1) - (b[order.by] ?? -1)) || byName(a, b));
  const rows = found.map((t) => {
    const row = topicRow(t);
    put(row.cells[1], count(t.partitions));
    put(row.cells[2], count(t.records));
    put(row.cells[3], size(t.bytes));
    put(row.cells[4], pace(t.rate), t.rate ? "n" : "n still");
    spark(row.cells[5].firstChild, t.rates);
    return row;
  });
  const body = el.topics.tBodies[0];
  if (rows.length !== body.rows.length || rows.some((row, i) => body.rows[i] !== row)) {
    const focused = document.activeElement;
    body.replaceChildren(...rows);
    // A row that is put back has lost it.
    if (body.contains(focused))
      focused.focus({ preventScroll: true });
  }
  el.topicsNone.hidden = rows.length > 0;
  el.topicsNone.textContent = topics.size ? "No topic has this in its name." : "There are no topics, or none that you may see.";
}

function drawGroups(words) {
  const found = (groups ?? []).filter((g) => g.group.toLowerCase().includes(words)
    || g.topics.some((t) => t.topic.toLowerCase().includes(words)));
  el.groups.tBodies[0].replaceChildren(...found.map((g) => {
    const row = node("tr");
    const reads = node("td", "less");
    g.topics.slice(0, 5).forEach((t, i) => {
      const link = node("a", "", plain(t.topic));
      link.href = `#/${encodeURIComponent(t.topic)}`;
      reads.append(i ? ", " : "", link);
    });
    if (g.topics.length > 5)
      reads.append(` and ${g.topics.length - 5} more`);
    row.append(node("td", "", plain(g.group)), node("td", "least", g.state), node("td", "n least", count(g.members)),
      reads, node("td", g.lag ? "n lag" : "n", count(g.lag)));
    return row;
  }));
  el.groups.hidden = !found.length;
  el.groupsNone.hidden = found.length > 0;
  el.groupsNone.textContent = !groups ? "The brokers do not tell which groups there are."
    : groups.length ? "No group has this in its name." : "There are no groups.";
}

function drawAll() {
  const words = el.find.value.trim().toLowerCase();
  const all = [...topics.values()];
  const behind = (groups ?? []).filter((g) => g.lag !== null).reduce((sum, g) => sum + g.lag, 0);
  put(el.sumTopics, count(all.length));
  put(el.sumRecords, count(all.reduce((sum, t) => sum + (t.records ?? 0), 0)));
  // One that is not known makes a sum that is too small.
  put(el.sumBytes, all.some((t) => t.bytes === null) ? "–" : size(all.reduce((sum, t) => sum + t.bytes, 0)));
  put(el.sumRate, pace(rates.at(-1)));
  put(el.sumGroups, count(groups?.length));
  put(el.sumLag, groups ? count(behind) : "–", behind ? "lag" : "");
  spark(el.sumLine, rates);
  for (const button of el.topics.querySelectorAll("[data-sort]")) {
    if (button.dataset.sort === order.by)
      button.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    else
      button.removeAttribute("aria-sort");
  }
  drawTopics(words);
  drawGroups(words);
}

// ---- Records --------------------------------------------------------------------------------------------------------

// The last of many: so many records, and so many characters of them.
class Ring {
  constructor() { this.clear(); }
  clear() { this.v = []; this.first = 0; this.chars = 0; }
  get length() { return this.v.length - this.first; }
  // i counts from the latest on.
  at(i) { return this.v[this.v.length - 1 - i]; }
  push(r) {
    this.v.push(r);
    this.chars += r.chars;
    while (this.length > most.records || (this.chars > most.chars && this.length > 1)) {
      this.chars -= this.v[this.first].chars;
      this.v[this.first++] = null;
    }
    if (this.first > most.records) {
      this.v = this.v.slice(this.first);
      this.first = 0;
    }
  }
  list() { return this.v.slice(this.first); }
}

const stream = {
  topic: "", view: "records", from: "", lastId: "", stop: null,
  came: 0, matched: 0, undrawn: 0, gaps: 0, drawnTo: 0,
  recent: new Ring(), shown: new Ring(), frozen: null, // frozen: the list as it stays while it is paused
  keys: new Map(), keyChars: 0, dropped: 0, columns: [], columnsGone: 0,
};
let match = () => true;

const bytesOf = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join(" ");

// A key or a value in one line.
function short(value, encoding) {
  if (value === null || value === undefined)
    return { text: "null", nil: true };
  if (encoding === "base64")
    return { text: `⟨${size(value.length / 4 * 3 - (value.endsWith("==") ? 2 : value.endsWith("=") ? 1 : 0))}⟩ ${hex(bytesOf(value.slice(0, 64)))}`, nil: true };
  return { text: plain(value.length > 400 ? value.slice(0, 400) : value), nil: false };
}

function parsed(r) {
  if (r.payload === null || r.payload_encoding)
    return undefined;
  try {
    return JSON.parse(r.payload);
  } catch {
    return undefined;
  }
}

// ---- Filters --------------------------------------------------------------------------------------------------------

const compare = {
  "=": (a, b) => a === b || String(a) === String(b),
  "!=": (a, b) => a !== b && String(a) !== String(b),
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
  "~": (a, b) => String(a).toLowerCase().includes(String(b).toLowerCase()),
};

function literal(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// A path: a.b[0], or a["b c"]; $ in front of it is taken, too.
function steps(text) {
  const found = [];
  let rest = text.trim().replace(/^\$/, "");
  while (rest) {
    const m = /^\.?([^.[\]\s"=<>!~]+)|^\[(\d+)\]|^\[("(?:[^"\\]|\\.)*")\]/.exec(rest);
    if (!m)
      return null;
    found.push(m[1] ?? (m[2] === undefined ? JSON.parse(m[3]) : Number(m[2])));
    rest = rest.slice(m[0].length);
  }
  return found.length ? found : null;
}

// What the path leads to; undefined: nothing. Only what the value itself has counts.
function follow(value, path) {
  let at = value;
  for (const step of path) {
    if (at === null || typeof at !== "object" || !Object.hasOwn(at, step))
      return undefined;
    at = at[step];
  }
  return at;
}

function jsonFilter(text) {
  const m = /^((?:"(?:[^"\\]|\\.)*"|[^"=<>!~])*?)\s*(!=|<=|>=|==?|<|>|~)\s*(.*)$/s.exec(text);
  const path = steps(m ? m[1] : text);
  if (!path)
    throw new Error("A path is expected, such as state, a.b[0], or temp > 21.5");
  if (!m)
    return (r) => follow(parsed(r), path) !== undefined;
  const is = compare[m[2] === "==" ? "=" : m[2]];
  const wanted = literal(m[3].trim());
  return (r) => {
    const value = follow(parsed(r), path);
    return value !== undefined && is(value !== null && typeof value === "object" ? JSON.stringify(value) : value, wanted);
  };
}

function makeFilter(kind, text) {
  const words = text.toLowerCase();
  const has = (value) => value !== null && value !== undefined && value.toLowerCase().includes(words);
  if (!text.trim())
    return () => true;
  if (kind === "key")
    return (r) => has(r.key);
  if (kind === "json")
    return jsonFilter(text.trim());
  return (r) => has(r.payload) || has(r.key);
}

function setFilter() {
  let next;
  try {
    next = makeFilter(el.kind.value, el.filter.value);
    el.filterBad.hidden = true;
  } catch (error) {
    el.filterBad.textContent = error.message;
    el.filterBad.hidden = false;
    return;
  }
  el.filter.className = el.filter.value.trim() ? "on" : "";
  match = next;
  // Those that are kept may match now; what was counted stays what it was.
  const kept = stream.recent.list();
  stream.shown.clear();
  stream.frozen = null;
  stream.drawnTo = stream.matched;
  for (const r of kept)
    if (match(r))
      stream.shown.push(r);
  setPause(false);
  lists.latest.stale = true;
  plan();
}

// ---- The stream -----------------------------------------------------------------------------------------------------

function take(r) {
  r.chars = (r.payload?.length ?? 0) + (r.key?.length ?? 0) + 200;
  stream.came++;
  stream.recent.push(r);
  keep(r);
  if (!match(r))
    return;
  stream.matched++;
  stream.shown.push(r);
}

// Reads events of Server-Sent Events, a piece at a time, so that clicks come in between.
async function listen(answer, signal) {
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let pieces = [];
  let kind = "";
  let begun = performance.now();
  const line = (text) => {
    if (text.startsWith("data: ")) {
      if (kind === "gap")
        stream.gaps++;
      else
        take(JSON.parse(text.slice(6)));
    } else if (text.startsWith("id: ")) {
      stream.lastId = text.slice(4);
    } else if (text.startsWith("event: ")) {
      kind = text.slice(7);
    } else if (!text) {
      kind = "";
    }
  };
  for (;;) {
    const { value, done } = await reader.read();
    if (done || signal.aborted)
      return;
    const text = decoder.decode(value, { stream: true });
    let at = 0;
    for (let end; (end = text.indexOf("\n", at)) >= 0; at = end + 1) {
      pieces.push(text.slice(at, end));
      line(pieces.length > 1 ? pieces.join("") : pieces[0]);
      pieces = [];
      if (performance.now() - begun > 10) {
        await pause(0);
        begun = performance.now();
        if (signal.aborted)
          return;
      }
    }
    if (at < text.length)
      pieces.push(text.slice(at));
    plan();
  }
}

// The server reads of so many partitions at once only what comes: what was before, of those that are named.
const isWide = () => topics.get(stream.topic)?.partitions > most.partitions;
const partitionsOf = (from) => from.includes(":") && !from.startsWith("@")
  ? from.split(",").map((part) => part.split(":")[0]) : [];

// The position to go on from: of a wide topic of those that are named, or from now on, with a gap.
function comeBackTo(named) {
  if (!isWide() || !stream.lastId)
    return stream.lastId;
  stream.gaps += !named.length;
  return stream.lastId.split(",").filter((part) => named.includes(part.split(":")[0])).join();
}

function narrowFrom() {
  const wide = isWide();
  for (const option of el.from.options)
    option.disabled = wide && option.value !== "end" && option.value !== "offset";
  put(el.wide, wide ? `Of more than ${most.partitions} partitions at once only what comes from now on is shown; `
    + "what was before, of those that are named: From offset, P:N." : "");
  el.wide.hidden = !wide;
  if (wide && el.from.selectedOptions[0].disabled) {
    el.from.value = "end";
    begin();
  }
}

async function listenOnce(signal) {
  const named = isWide() ? partitionsOf(stream.from) : [];
  const path = `events/${encodeURIComponent(stream.topic)}?offset=${encodeURIComponent(stream.from)}`
    + named.map((partition) => `&partition=${partition}`).join("");
  const id = comeBackTo(named);
  const headers = id ? { "Last-Event-ID": id } : {};
  const answer = await ask(path, { headers, signal });
  if (signal.aborted)
    return false;
  if (!answer.ok) {
    say("lost", await reason(answer));
    return answer.status === 503 || answer.status === 429;
  }
  say("live", "live");
  await listen(answer, signal);
  if (!signal.aborted)
    say("lost", "the server has ended the stream; trying again");
  return true;
}

async function listenForEver(signal) {
  say("waiting", "connecting");
  let again = true;
  while (again && !signal.aborted) {
    try {
      again = await listenOnce(signal);
    } catch (error) {
      if (!signal.aborted)
        say("lost", lost(error));
    }
    if (!signal.aborted)
      await pause(1000);
  }
}

function startStream() {
  stream.stop?.abort();
  stream.stop = new AbortController();
  Object.assign(stream, {
    lastId: "", came: 0, matched: 0, undrawn: 0, gaps: 0, drawnTo: 0, frozen: null,
    keys: new Map(), keyChars: 0, dropped: 0, columns: [], columnsGone: 0,
  });
  stream.recent.clear();
  stream.shown.clear();
  lists.latest.stale = true;
  setPause(false);
  openDetail(null);
  listenForEver(stream.stop.signal);
  plan();
}

// ---- The latest of each key -----------------------------------------------------------------------------------------

const nameOf = (r) => r.key === null || r.key === undefined ? "\u0000" : `${r.key_encoding ?? ""}:${r.key}`;

function keep(r) {
  const name = nameOf(r);
  const drop = (old) => {
    stream.keyChars -= stream.keys.get(old)?.chars ?? 0;
    stream.keys.delete(old);
  };
  // Behind the others: the one that comes first is the one that was silent longest.
  drop(name);
  stream.keys.set(name, r);
  stream.keyChars += r.chars;
  while (stream.keys.size > most.keys || (stream.keyChars > most.keyChars && stream.keys.size > 1)) {
    drop(stream.keys.keys().next().value);
    stream.dropped++;
  }
  lists.latest.stale = true;
}

// The fields of a value by their paths, those of objects in it too. Made once, when it is looked at.
function fieldsOf(r) {
  if (r.fields)
    return r.fields;
  const fields = {};
  const walk = (value, path, depth) => {
    if (value === null || typeof value !== "object" || Array.isArray(value) || depth > 3) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      fields[path] = { value, text: plain(text.length > 200 ? text.slice(0, 200) : text) };
      return;
    }
    for (const [name, inner] of Object.entries(value).slice(0, 100))
      walk(inner, path ? `${path}.${name}` : name, depth + 1);
  };
  const value = parsed(r);
  if (value !== null && typeof value === "object" && !Array.isArray(value))
    walk(value, "", 0);
  else
    fields.value = { value: r.payload, ...short(r.payload, r.payload_encoding) };
  Object.defineProperty(r, "fields", { value: Object.assign(Object.create(null), fields), enumerable: false });
  return r.fields;
}

function addColumns(r) {
  for (const [name, field] of Object.entries(fieldsOf(r)))
    // What only says the key once more is no column.
    if (!stream.columns.includes(name) && field.text !== r.key) {
      if (stream.columns.length < most.columns)
        stream.columns.push(name);
      else
        stream.columnsGone++;
    }
}

const ranking = { by: "key", down: false };

function rank(a, b) {
  const way = ranking.down ? -1 : 1;
  if (ranking.by === "age")
    return way * (b.ts - a.ts);
  const va = ranking.by === "key" ? a.key : fieldsOf(a)[ranking.by]?.value;
  const vb = ranking.by === "key" ? b.key : fieldsOf(b)[ranking.by]?.value;
  if (va === vb)
    return nameOf(a) < nameOf(b) ? -1 : 1;
  // Those without it come last.
  if (va === null || va === undefined)
    return 1;
  if (vb === null || vb === undefined)
    return -1;
  return typeof va === typeof vb && va < vb || typeof va < typeof vb ? -way : way;
}

// ---- Lists of which only what can be seen is drawn --------------------------------------------------------------------

class List {
  constructor(box, makeRow, fillRow) {
    Object.assign(this, { box, makeRow, fillRow, rows: [], items: [], selected: null, stale: false });
    this.space = box.appendChild(node("div", "space"));
    box.addEventListener("scroll", () => plan());
  }

  get height() {
    return this.rows[0]?.offsetHeight || (narrow.matches ? 51 : 32);
  }

  // item: the i-th of n.
  draw(n, item) {
    const height = this.height;
    const fits = Math.ceil(this.box.clientHeight / height) + 1;
    const first = Math.max(0, Math.min(Math.floor(this.box.scrollTop / height), n - fits));
    const drawn = Math.min(fits, n - first);
    this.space.style.height = `${n * height}px`;
    while (this.rows.length < drawn)
      this.rows.push(this.space.appendChild(this.makeRow()));
    this.rows.forEach((row, i) => {
      row.hidden = i >= drawn;
      row.record = row.hidden ? null : item(first + i);
      if (row.hidden)
        return;
      row.style.transform = `translateY(${(first + i) * height}px)`;
      row.setAttribute("aria-posinset", first + i + 1);
      row.setAttribute("aria-setsize", n);
      row.setAttribute("aria-selected", this.is(row.record, this.selected));
      this.fillRow(row, row.record);
    });
    return drawn;
  }

  // The same row: of the latest of each key, whatever record it has now.
  is(a, b) {
    return a === b || (this === lists.latest && a && b && nameOf(a) === nameOf(b));
  }

  reveal(i, head = 0) {
    const height = this.height;
    if (i * height < this.box.scrollTop)
      this.box.scrollTop = i * height;
    else if ((i + 1) * height > this.box.scrollTop + this.box.clientHeight - head)
      this.box.scrollTop = (i + 1) * height - this.box.clientHeight + head;
  }
}

const time = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hour12: false });
const today = () => new Date().setHours(0, 0, 0, 0);

function when(ts) {
  if (ts === undefined)
    return "–";
  return ts >= today() ? time.format(ts) : new Date(ts).toLocaleDateString([], { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
}

function makeRecordRow() {
  const row = node("div", "r");
  row.setAttribute("role", "option");
  row.append(node("span", "t"), node("span", "o"), node("span", "k"), node("span", "v"));
  return row;
}

function fillRecordRow(row, r) {
  const [t, o, k, v] = row.children;
  if (row.filled === r)
    return;
  row.filled = r;
  const key = short(r.key, r.key_encoding);
  const value = short(r.payload, r.payload_encoding);
  put(t, when(r.ts));
  put(o, `${r.partition}:${r.offset}`);
  put(k, key.text, key.nil ? "k nil" : "k");
  put(v, value.text, value.nil ? "v nil" : "v");
}

function age(ts) {
  if (ts === undefined)
    return "–";
  const s = Math.max(0, Math.round((Date.now() - ts) / 1000));
  return s < 120 ? `${s} s` : s < 7200 ? `${Math.floor(s / 60)} min` : s < 172800 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86400)} d`;
}

function makeKeyRow() {
  const row = node("div", "r");
  row.setAttribute("role", "row");
  return row;
}

function cells(row, n) {
  while (row.children.length < n)
    row.append(node("span"));
  while (row.children.length > n)
    row.lastChild.remove();
  return row.children;
}

function fillKeyRow(row, r) {
  const all = cells(row, stream.columns.length + 2);
  if (!r.fields) {
    addColumns(r);
    plan();
  }
  const fields = fieldsOf(r);
  const key = short(r.key, r.key_encoding);
  row.className = Date.now() - r.ts > 60000 ? "r old" : "r";
  put(all[0], key.text, key.nil ? "nil" : "");
  put(all[1], age(r.ts));
  stream.columns.forEach((name, i) => {
    const field = fields[name];
    put(all[i + 2], field?.text ?? "", typeof field?.value === "number" ? "num" : "");
  });
}

const lists = {
  records: new List(el.list, makeRecordRow, fillRecordRow),
  latest: new List(el.latest, makeKeyRow, fillKeyRow),
};
const head = el.latest.insertBefore(node("div", "r head"), el.latest.firstChild);
head.setAttribute("role", "row");
lists.latest.order = [];
lists.latest.orderedAt = 0;

function drawRecords() {
  const list = lists.records;
  const shown = stream.frozen ?? stream.shown;
  const drawn = list.draw(shown.length, (i) => shown.at(i));
  if (stream.frozen)
    return;
  // Those that came since, and are below the last row already.
  stream.undrawn += Math.max(0, stream.matched - stream.drawnTo - drawn);
  stream.drawnTo = stream.matched;
}

function headCell(cell, name, text) {
  let button = cell.firstElementChild;
  if (!button) {
    button = cell.appendChild(node("button"));
    button.type = "button";
    cell.setAttribute("role", "columnheader");
  }
  put(button, text);
  button.dataset.by = name;
  if (ranking.by === name)
    button.setAttribute("aria-sort", ranking.down ? "descending" : "ascending");
  else
    button.removeAttribute("aria-sort");
}

// Ten thousand are put in order twice a second at most.
function orderKeys() {
  const list = lists.latest;
  const now = performance.now();
  if (!list.stale || (stream.frozenKeys && list.order.length))
    return;
  if (now - list.orderedAt < 500) {
    setTimeout(plan, 500);
    return;
  }
  list.stale = false;
  list.orderedAt = now;
  list.order = [...stream.keys.values()].filter(match);
  // Some of those that are new are looked at each time for columns, and those that are drawn.
  list.order.filter((r) => !r.fields).slice(0, 500).forEach(addColumns);
  list.order.sort(rank);
  list.longest = list.order.reduce((length, r) => Math.max(length, r.key?.length ?? 0), 0);
}

// Keys are told apart by their ends, where there is room for them.
function keyRem() {
  const [least, widest] = narrow.matches ? [6.5, 10] : [8, 14];
  return Math.min(Math.max((lists.latest.longest ?? 0) * 0.65 + 1.5, least), widest);
}

function drawLatest() {
  const list = lists.latest;
  orderKeys();
  const widths = `minmax(${keyRem()}rem, 14rem) 4.5rem ${stream.columns.map(() => "minmax(6rem, 14rem)").join(" ")}`;
  cells(head, stream.columns.length + 2);
  headCell(head.children[0], "key", "Key");
  headCell(head.children[1], "age", "Age");
  const first = list.order[0];
  stream.columns.forEach((name, i) => {
    headCell(head.children[i + 2], name, plain(name));
    head.children[i + 2].className = first && typeof fieldsOf(first)[name]?.value === "number" ? "num" : "";
  });
  head.style.gridTemplateColumns = widths;
  const wide = head.scrollWidth;
  list.space.style.width = `${wide}px`;
  list.draw(list.order.length, (i) => list.order[i]);
  for (const row of list.rows)
    row.style.gridTemplateColumns = widths;
}

function words() {
  const parts = [`${count(stream.came)} came`];
  const latest = stream.view === "latest";
  if (el.filter.value.trim())
    parts.push(latest ? `${count(lists.latest.order.length)} keys match` : `${count(stream.matched)} match`);
  else if (latest)
    parts.push(`${count(stream.keys.size)} keys`);
  if (!latest && stream.undrawn)
    parts.push(`${count(stream.undrawn)} went by undrawn`);
  if (stream.came > stream.recent.length && !latest)
    parts.push(`the last ${count(stream.shown.length)} kept`);
  if (stream.frozen)
    parts.push(`${count(stream.matched - stream.frozen.matched)} since it was paused`);
  if (latest && stream.dropped)
    parts.push(`too many to keep: ${count(stream.dropped)} times the one that was silent longest was dropped`);
  if (latest && stream.columnsGone)
    parts.push(`more than ${most.columns} fields`);
  if (stream.gaps)
    parts.push("records were deleted before they could be shown");
  return parts.join(" · ");
}

function drawOne() {
  const t = topics.get(stream.topic);
  const reading = (groups ?? []).flatMap((g) => g.topics.filter((part) => part.topic === stream.topic)
    .map((part) => `${plain(g.group)} ${part.lag === null ? "" : part.lag ? `is ${count(part.lag)} behind` : "has read all"}`));
  el.write.hidden = !t?.produce;
  put(el.about, !t ? "" : [
    `${count(t.partitions)} partition${t.partitions === 1 ? "" : "s"}`, `${count(t.records)} records`,
    ...t.bytes === null ? [] : [size(t.bytes)], `${pace(t.rate)} per second`, ...reading.slice(0, 5),
  ].join(" · "));
  if (stream.view === "latest")
    drawLatest();
  else
    drawRecords();
  put(el.counts, words());
}

let planned = 0;
function draw() {
  planned = 0;
  if (stream.topic)
    drawOne();
  else
    drawAll();
}
function plan() {
  planned ||= requestAnimationFrame(draw);
}

// ---- Pause, and one record ------------------------------------------------------------------------------------------

function setPause(on) {
  if (on && !stream.frozen) {
    stream.frozen = new Ring();
    for (const r of stream.shown.list())
      stream.frozen.push(r);
    stream.frozen.matched = stream.matched;
  } else if (!on && stream.frozen) {
    stream.frozen = null;
    stream.drawnTo = stream.matched;
    el.list.scrollTop = 0;
  }
  stream.frozenKeys = on;
  el.pause.setAttribute("aria-pressed", on);
  put(el.pause, on ? "Go on" : "Pause");
  plan();
}

function part(title, ...buttons) {
  const e = node("h3");
  e.append(node("span", "", title), ...buttons);
  el.parts.append(e);
}

function button(text, act) {
  const e = node("button", "", text);
  e.type = "button";
  e.addEventListener("click", act);
  return e;
}

// JSON as it is written, in lines; numbers keep their digits. Null: it is none.
function pretty(text) {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const out = document.createDocumentFragment();
  let depth = 0;
  const newline = () => out.append(`\n${"  ".repeat(depth)}`);
  const tokens = [...text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs)].map((m) => m[0]);
  tokens.forEach((token, i) => {
    const empty = (token === "{" && tokens[i + 1] === "}") || (token === "[" && tokens[i + 1] === "]");
    const wasEmpty = (token === "}" && tokens[i - 1] === "{") || (token === "]" && tokens[i - 1] === "[");
    if (token === "{" || token === "[") {
      out.append(token);
      depth++;
      if (!empty)
        newline();
    } else if (token === "}" || token === "]") {
      depth--;
      if (!wasEmpty)
        newline();
      out.append(token);
    } else if (token === ",") {
      out.append(",");
      newline();
    } else if (token === ":") {
      out.append(": ");
    } else {
      out.append(node("span", token[0] !== "\"" ? "value" : tokens[i + 1] === ":" ? "name" : "text", plain(token)));
    }
  });
  return out;
}

// 16 bytes a line, as hexdump has them.
function dump(bytes) {
  const lines = [];
  for (let i = 0; i < bytes.length; i += 16) {
    const line = bytes.subarray(i, i + 16);
    const text = Array.from(line, (b) => b > 31 && b < 127 ? String.fromCharCode(b) : ".").join("");
    lines.push(`${i.toString(16).padStart(6, "0")}  ${hex(line).padEnd(48)} ${text}`);
  }
  return lines.join("\n");
}

// A key, a value or a header's, as it may be read; the whole of it only when it is asked for.
function showBytes(title, value, encoding, as, whole) {
  if (value === null || value === undefined) {
    part(title);
    el.parts.append(node("pre", "nil", "null"));
    return;
  }
  const binary = encoding === "base64";
  const bytes = binary || as === "hex" ? binary ? bytesOf(value) : new TextEncoder().encode(value) : null;
  const limit = whole ? Infinity : most.shown;
  const place = el.parts.childNodes.length;
  const again = (nextAs, nextWhole) => {
    const after = [...el.parts.childNodes].slice(place + 2);
    const before = [...el.parts.childNodes].slice(0, place);
    el.parts.replaceChildren(...before);
    showBytes(title, value, encoding, nextAs, nextWhole);
    el.parts.append(...after.filter((e) => !e.dataset?.more));
  };
  const pre = node("pre");
  const json = !bytes && as !== "raw" && value.length <= limit ? pretty(value) : null;
  if (bytes) {
    pre.className = "hex";
    pre.textContent = dump(bytes.subarray(0, limit / 4));
  } else if (json) {
    pre.append(json);
  } else {
    pre.textContent = value.slice(0, limit).replace(unseenButLines, sign);
  }
  const long = bytes ? bytes.length > limit / 4 : value.length > limit;
  const buttons = [
    ...json ? [button("As it is", () => again("raw", whole))] : [],
    ...as === "raw" || as === "hex" ? [button("As read", () => again("", whole))] : [],
    ...bytes || binary ? [] : [button("Hex", () => again("hex", whole))],
    ...long ? [button("All of it", () => again(as, true))] : [],
    button("Copy", () => navigator.clipboard?.writeText(binary ? hex(bytes) : value)),
  ];
  part(`${title}, ${size(bytes ? bytes.length : new Blob([value]).size)}${binary ? ", binary" : ""}`, ...buttons);
  el.parts.append(pre);
}

// A value that begins as Avro does, by a registry's number, a fingerprint or a container, is read by the server, which
// may know its schema.
async function showAvro(r, before) {
  if (typeof r.payload !== "string" || r.payload.length > 1 << 20)
    return;
  const bytes = r.payload_encoding === "base64" ? bytesOf(r.payload) : new TextEncoder().encode(r.payload);
  const begins = (...head) => head.every((b, i) => bytes[i] === b);
  if (!(begins(0) && bytes.length > 5) && !begins(0xc3, 1) && !begins(79, 98, 106, 1))
    return;
  const answer = await ask("decode", { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: bytes });
  const text = answer.ok ? (await answer.text()).trimEnd() : await reason(answer);
  if (lists[stream.view].selected !== r)
    return;
  const title = node("h3");
  title.append(node("span", "", answer.ok ? "Value, as Avro" : "Value, no Avro that can be read"));
  const pre = node("pre", answer.ok ? "" : "nil");
  pre.append(answer.ok && text.length <= most.shown && pretty(text) || plain(text.slice(0, most.shown)));
  before.replaceWith(before, title, pre);
}

function openDetail(r) {
  const list = lists[stream.view];
  list.selected = r;
  el.detail.hidden = !r;
  el.parts.replaceChildren();
  plan();
  if (!r)
    return;
  put(el.where, `Partition ${r.partition}, offset ${r.offset}`);
  const about = node("dl");
  const add = (name, text) => about.append(node("dt", "", name), node("dd", "", text));
  if (r.ts !== undefined)
    add(r.tstype === "logappend" ? "Stored" : "Made", `${new Date(r.ts).toISOString()}, ${age(r.ts)} ago`);
  el.parts.append(about);
  showAvro(r, about).catch(() => {});
  showBytes("Value", r.payload, r.payload_encoding, "", false);
  showBytes("Key", r.key, r.key_encoding, "", false);
  if (!r.headers)
    return;
  part("Headers");
  const rows = node("dl");
  for (const h of r.headers)
    rows.append(node("dt", "", plain(h.key)), node("dd", "", h.encoding === "base64" ? hex(bytesOf(h.value)) : plain(h.value ?? "null")));
  el.parts.append(rows);
}

// Through the list, from what is selected.
function step(by) {
  const list = lists[stream.view];
  if (stream.view === "records")
    setPause(true);
  const all = stream.view === "latest" ? list.order : stream.frozen.list().reverse();
  if (!all.length)
    return;
  const at = all.findIndex((r) => list.is(r, list.selected));
  const next = at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1);
  openDetail(all[next]);
  list.reveal(next, stream.view === "latest" ? list.height : 0);
}

// ---- Produce --------------------------------------------------------------------------------------------------------

function newRecord() {
  const headers = el.newHeaders.value.split("\n").filter((line) => line.trim()).map((line) => {
    const colon = line.indexOf(":");
    return colon < 0 ? { key: line.trim(), value: null } : { key: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() };
  });
  return {
    key: el.newKey.value === "" ? null : el.newKey.value,
    payload: el.newNull.checked ? null : el.newValue.value,
    ...headers.length ? { headers } : {},
  };
}

async function send() {
  const partition = el.newPartition.value.trim();
  const query = `format=record${partition ? `&partition=${encodeURIComponent(partition)}` : ""}`;
  el.send.disabled = true;
  put(el.sent, "…", "");
  try {
    const answer = await ask(`produce/${encodeURIComponent(stream.topic)}?${query}`, {
      method: "POST", headers: { "Content-Type": "application/x-ndjson" }, body: `${JSON.stringify(newRecord())}\n`,
    });
    if (answer.ok) {
      const [[where, [first]]] = Object.entries((await answer.json()).offsets);
      put(el.sent, `Stored in partition ${where} at offset ${first}.`, "");
    } else {
      put(el.sent, await reason(answer), "bad");
    }
  } catch {
    put(el.sent, "No connection to kt serve.", "bad");
  }
  el.send.disabled = false;
}

// ---- Where one is, keys and clicks ----------------------------------------------------------------------------------

function place() {
  const chosen = el.from.value;
  el.place.hidden = chosen !== "ago" && chosen !== "offset";
  el.place.placeholder = chosen === "ago" ? "minutes" : isWide() ? "P:N" : "N, or P:N";
  if (el.place.hidden)
    return chosen;
  const text = el.place.value.trim();
  if (chosen === "ago")
    return /^\d+(\.\d+)?$/.test(text) ? `@-${Math.round(text * 60)}s` : null;
  return /^\d+:\d+(,\d+:\d+)*$/.test(text) || (/^\d+$/.test(text) && !isWide()) ? text : null;
}

function begin() {
  const from = place();
  if (from === null || (from === stream.from && stream.stop))
    return;
  stream.from = from;
  startStream();
}

function go() {
  const [, name = "", view = ""] = /^#\/([^/]*)(?:\/(.*))?$/.exec(location.hash) ?? [];
  let topic = "";
  try {
    topic = decodeURIComponent(name);
  } catch {
    topic = name;
  }
  const before = stream.topic;
  openDetail(null);
  stream.topic = topic;
  stream.view = view === "latest" ? "latest" : "records";
  el.all.hidden = Boolean(topic);
  el.one.hidden = !topic;
  el.list.hidden = stream.view !== "records";
  el.latest.hidden = stream.view !== "latest";
  document.title = topic ? `${plain(topic)} · kt` : "kt";
  put(el.name, plain(topic));
  for (const [link, is] of [[el.asRecords, "records"], [el.asLatest, "latest"]]) {
    link.href = `#/${encodeURIComponent(topic)}${is === "latest" ? "/latest" : ""}`;
    if (stream.view === is)
      link.setAttribute("aria-current", "page");
    else
      link.removeAttribute("aria-current");
  }
  if (!topic) {
    stream.stop?.abort();
    stream.stop = null;
    stream.recent.clear();
    stream.shown.clear();
    stream.keys.clear();
  } else if (topic !== before) {
    el.filter.value = "";
    el.from.value = stream.view === "latest" ? "-1000" : "-20";
    stream.stop?.abort();
    stream.stop = null;
    setFilter();
    narrowFrom();
    begin();
  }
  draw();
}

function moveTopic(by) {
  const links = [...el.topics.querySelectorAll("td a")];
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? 0 : Math.min(Math.max(at + by, 0), links.length - 1)]?.focus();
}

const keys = {
  "/": () => (stream.topic ? el.filter : el.find).focus(),
  "?": () => el.help.showModal(),
  " ": () => stream.topic && setPause(!stream.frozenKeys),
  ArrowDown: () => stream.topic ? step(1) : moveTopic(1),
  ArrowUp: () => stream.topic ? step(-1) : moveTopic(-1),
  PageDown: () => stream.topic && step(20),
  PageUp: () => stream.topic && step(-20),
  Escape: () => {
    if (!el.detail.hidden)
      openDetail(null);
    else if (stream.frozenKeys)
      setPause(false);
    else if (stream.topic)
      location.hash = "#/";
  },
};

document.addEventListener("keydown", (event) => {
  const at = event.target;
  const types = at.matches("input, textarea, select");
  if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys))
    return;
  if (types) {
    if (event.key === "Escape")
      at.blur();
    return;
  }
  if (event.key === " " && at.matches("button, a"))
    return;
  event.preventDefault();
  keys[event.key]();
});

function choose(event) {
  const row = event.target.closest(".r");
  if (!row?.record)
    return;
  if (stream.view === "records")
    setPause(true);
  openDetail(row.record);
}

let typing = 0;
el.filter.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(setFilter, 150);
});
el.kind.addEventListener("change", setFilter);
el.from.addEventListener("change", () => {
  begin();
  if (!el.place.hidden)
    el.place.focus();
});
el.place.addEventListener("change", begin);
el.choice.addEventListener("submit", (event) => {
  event.preventDefault();
  begin();
});
el.pause.addEventListener("click", () => setPause(!stream.frozenKeys));
el.find.addEventListener("input", plan);
el.list.addEventListener("click", choose);
el.latest.addEventListener("click", choose);
el.list.addEventListener("scroll", () => {
  if (el.list.scrollTop > 0 && !stream.frozen)
    setPause(true);
});
el.close.addEventListener("click", () => openDetail(null));
el.keys.addEventListener("click", () => el.help.showModal());
el.write.addEventListener("click", () => {
  put(el.produceTo, plain(stream.topic));
  put(el.sent, "");
  el.produce.showModal();
});
el.produce.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
el.produce.querySelector("[data-close]").addEventListener("click", () => el.produce.close());
el.produce.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey)
    send();
});
el.newNull.addEventListener("change", () => { el.newValue.disabled = el.newNull.checked; });
el.topics.tHead.addEventListener("click", (event) => {
  const by = event.target.dataset.sort;
  if (!by)
    return;
  order.down = order.by === by ? !order.down : by !== "topic";
  order.by = by;
  draw();
});
head.addEventListener("click", (event) => {
  const by = event.target.dataset.by;
  if (!by)
    return;
  ranking.down = ranking.by === by && !ranking.down;
  ranking.by = by;
  lists.latest.stale = true;
  lists.latest.orderedAt = 0;
  plan();
});
addEventListener("hashchange", go);
new ResizeObserver(plan).observe(el.split);
setInterval(() => stream.view === "latest" && stream.topic && plan(), 1000);
go();
lookForEver();
