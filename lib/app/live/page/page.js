// Draws what the stream of events says: what the page is about, then one point after the other, each with the rate of
// all and, by label, of the values that grow, or with the latency of what was done.
const el = Object.fromEntries([...document.querySelectorAll("[id]")].map((e) => [e.id, e]));
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 10800, 21600, 86400];
const shown = 8; // series; the others are one
let about = { run: "", by: "", unit: "", interval: 1000, points: 300 };
let points = [];
let cursor = null; // the time that is looked at; null: the last one
let planned = 0;
let canvas = el.chart; // what is drawn on
const colours = new Map();

const time = (t, seconds = true) => new Date(t).toLocaleTimeString([],
  { hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined, hour12: false });
const number = (n) => n === null ? "–" : n.toLocaleString([],
  { minimumFractionDigits: n && n < 100 ? 1 : 0, maximumFractionDigits: n >= 100 ? 0 : n >= 1 ? 1 : 3 });

// The next step of an axis from n on: 1, 2, 2.5 or 5 times a power of ten.
function round(n) {
  const power = 10 ** Math.floor(Math.log10(n));
  return [1, 2, 2.5, 5, 10].find((step) => step * power >= n * 0.999999) * power;
}

function draw(name, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes))
    node.setAttribute(key, value);
  if (text !== undefined)
    node.textContent = text;
  canvas.append(node);
  return node;
}

// A name keeps its colour as long as it is shown.
function colour(names) {
  for (const name of colours.keys())
    if (!names.includes(name))
      colours.delete(name);
  for (const name of names)
    if (!colours.has(name))
      colours.set(name, [0, 1, 2, 3, 4, 5, 6, 7].find((i) => ![...colours.values()].includes(i)));
}

// The series as they are stacked: the largest by name, in the order in which they came, and what is left.
function series() {
  const sums = new Map();
  const label = el.by.value;
  if (!label)
    return [{ name: "", hue: "var(--s0)", values: points.map((p) => p.rate) }];
  for (const p of points)
    for (const [name, rate] of Object.entries(p.by[label] ?? {}))
      if (name)
        sums.set(name, (sums.get(name) ?? 0) + rate);
  const largest = [...sums.values()].sort((a, b) => b - a).slice(0, shown);
  const names = [...sums.keys()].filter((name) => sums.get(name) >= largest.at(-1)).slice(0, shown);
  colour(names);
  const all = names.map((name) => ({
    name,
    hue: `var(--s${colours.get(name)})`,
    values: points.map((p) => p.rate === null ? null : p.by[label]?.[name] ?? 0),
  }));
  const rest = points.map((p, i) => {
    const left = p.rate - all.reduce((sum, s) => sum + s.values[i], 0);
    return p.rate === null ? null : left > p.rate / 1000 ? left : 0;
  });
  return rest.some((n) => n) ? [...all, { name: "others", hue: "var(--s8)", values: rest }] : all;
}

// Runs of points without a gap between them, as [first, last]. What one series of many does at 0 is not drawn.
function runs(values) {
  const found = [];
  const is = (i) => values[i] !== null && (!el.by.value || values[i - 1] || values[i] || values[i + 1]);
  values.forEach((_, i) => {
    if (is(i) && i && is(i - 1) && points[i].t - points[i - 1].t < 2.5 * about.interval)
      found.at(-1)[1] = i;
    else if (is(i))
      found.push([i, i]);
  });
  return found;
}

function axes(box, top, step, end, span) {
  for (let i = 0; i * step <= top * 1.001; i++) {
    const y = box.y(i * step);
    draw("line", { class: "grid", x1: box.left, x2: box.right, y1: y, y2: y });
    draw("text", { class: "y", x: box.left - 8, y: y + 4, "text-anchor": "end" },
      Number((i * step).toPrecision(12)).toLocaleString());
  }
  const room = (box.right - box.left) / 76;
  const every = 1000 * (steps.find((s) => span / 1000 / s <= room) ?? 86400);
  for (let t = Math.ceil((end - span) / every) * every; t <= end; t += every) {
    draw("line", { class: "grid", x1: box.x(t), x2: box.x(t), y1: box.bottom, y2: box.bottom + 5 });
    // The last one would be cut.
    const anchor = box.x(t) > box.right - 14 ? "end" : "middle";
    draw("text", { class: "x", x: box.x(t), y: box.bottom + 20, "text-anchor": anchor }, time(t, every < 60000));
  }
}

function areas(box, all) {
  const base = points.map(() => 0);
  for (const s of all) {
    const upper = base.map((low, i) => low + s.values[i]);
    const at = (values) => (i) => `${box.x(points[i].t).toFixed(2)},${box.y(values[i]).toFixed(2)}`;
    for (const [from, to] of runs(s.values)) {
      const across = Array.from({ length: to - from + 1 }, (_, i) => from + i);
      const over = across.map(at(upper)).join("L");
      draw("path", { class: "area", fill: s.hue, d: `M${over}L${across.reverse().map(at(base)).join("L")}Z` });
      draw("path", { class: "line", stroke: s.hue, "data-series": s.name, d: `M${over}${from === to ? "h0" : ""}` });
    }
    upper.forEach((value, i) => { base[i] = value; });
  }
}

function mark(box, all, i) {
  const x = box.x(points[i].t);
  if (cursor !== null)
    draw("line", { class: "cursor", x1: x, x2: x, y1: box.top, y2: box.bottom });
  all.reduce((sum, s) => {
    if (s.values[i])
      draw("circle", { class: "dot", fill: s.hue, cx: x, cy: box.y(sum + s.values[i]), r: 4.5 });
    return sum + s.values[i];
  }, 0);
  const middle = Math.min(Math.max(x, box.left + 70), box.right - 80);
  if (cursor !== null)
    draw("text", { class: "value", x: middle, y: box.top - 6, "text-anchor": "middle" },
      `${time(points[i].t)}  ${number(points[i].rate)} ${about.unit}`);
}

function words(all, i) {
  const rates = points.map((p) => p.rate).filter((rate) => rate !== null);
  const last = points.at(-1);
  const minutes = number(about.points * about.interval / 60000).replace(/\.0$/, "");
  const when = points.length < about.points ? `Since ${time(points[0].t)}` : `Of the last ${minutes} minutes`;
  el.rate.value = number(last.rate);
  document.title = `${number(last.rate)} ${about.unit} · ${about.title}`;
  if (rates.length)
    el.summary.textContent = `${when}: ` +
      `lowest ${number(Math.min(...rates))}, highest ${number(Math.max(...rates))}, ` +
      `mean ${number(rates.reduce((a, b) => a + b) / rates.length)} ${about.unit}`;
  el.chart.setAttribute("aria-valuemax", points.length - 1);
  el.chart.setAttribute("aria-valuenow", i);
  el.chart.setAttribute("aria-valuetext", `${time(points[i].t)}: ${number(points[i].rate)} ${about.unit}`);
  el.legend.replaceChildren(...el.by.value ? all.map((s) => entry(s.name, s.hue, number(s.values[i]))) : []);
}

// A row of a legend; without a hue nothing is drawn for it.
function entry(name, hue, text) {
  const row = document.createElement("li");
  const value = document.createElement("b");
  row.append(name, value);
  if (hue) {
    row.prepend(document.createElement("i"));
    row.firstChild.style.background = hue;
  }
  value.textContent = text;
  return row;
}

function index() {
  const i = cursor === null ? -1 : points.findIndex((p) => p.t >= cursor);
  return i < 0 ? points.length - 1 : i;
}

// The time that is shown: all that is kept, or a run that is younger from its beginning. Its first points grow into the
// chart from the left.
function range() {
  const last = points.at(-1).t;
  const span = Math.min(Math.max(last - points[0].t, 30 * about.interval), (about.points - 1) * about.interval);
  return { span, end: Math.max(last, points[0].t + span) };
}

function geometry(chart) {
  const { width, height } = chart.getBoundingClientRect();
  const { span, end } = range();
  const box = { left: 52, right: width - 14, top: 26, bottom: height - 28, end, span };
  box.x = (t) => box.right - (end - t) / span * (box.right - box.left);
  return { box, width, height };
}

// Clears a chart and draws its axes, for values up to most.
function blank(chart, most) {
  const { box, width, height } = geometry(chart);
  const step = round((most * 1.05 || 1) / 5);
  const top = Math.ceil((most * 1.05 || 1) / step) * step;
  box.y = (value) => box.bottom - value / top * (box.bottom - box.top);
  canvas = chart;
  chart.replaceChildren();
  chart.setAttribute("viewBox", `0 0 ${width} ${height}`);
  axes(box, top, step, box.end, box.span);
  return box;
}

// Latency, where the points have one: its percentiles as lines, and what has failed so far.
function latency(i) {
  const all = [["p99", "var(--s1)"], ["p50", "var(--s0)"]].map(([name, hue]) =>
    ({ name, hue, values: points.map((p) => p[name] ?? null) }));
  const box = blank(el.times, Math.max(...all[0].values));
  for (const s of all)
    for (const [from, to] of runs(s.values)) {
      const across = Array.from({ length: to - from + 1 }, (_, k) => from + k);
      const over = across.map((k) => `${box.x(points[k].t).toFixed(2)},${box.y(s.values[k]).toFixed(2)}`).join("L");
      draw("path", { class: "line", stroke: s.hue, "data-series": s.name, d: `M${over}${from === to ? "h0" : ""}` });
    }
  const x = box.x(points[i].t);
  if (cursor !== null)
    draw("line", { class: "cursor", x1: x, x2: x, y1: box.top, y2: box.bottom });
  for (const s of all)
    if (s.values[i] !== null)
      draw("circle", { class: "dot", fill: s.hue, cx: x, cy: box.y(s.values[i]), r: 4.5 });
  const ms = (n) => n === null ? "–" : `${n >= 100 ? n.toFixed(0) : n.toFixed(2)} ms`;
  el.percentiles.replaceChildren(...all.reverse().map((s) => entry(s.name, s.hue, ms(s.values[i]))),
    entry("failed", "", points[i].failed.toLocaleString()));
}

function redraw() {
  planned = 0;
  if (!points.length)
    return;
  const all = series();
  const i = index();
  const box = blank(el.chart, Math.max(...points.map((_, k) => all.reduce((sum, s) => sum + s.values[k], 0))));
  areas(box, all);
  mark(box, all, i);
  words(all, i);
  if (about.timed)
    latency(i);
}

// Many events, one drawing.
function plan() {
  planned ||= setTimeout(redraw, 20);
}

function look(t) {
  cursor = t;
  plan();
}

function say(state, text) {
  if (el.state.textContent !== text)
    el.state.textContent = text;
  el.state.dataset.state = state;
}

function offer(labels) {
  for (const label of labels) {
    if ([...el.by.options].some((option) => option.value === label))
      continue;
    const option = new Option(`by ${label}`, label);
    el.by.append(option);
    option.selected = label === (decodeURIComponent(location.hash.slice(1)) || about.by);
  }
  el.choice.hidden = el.by.length < 2;
}

function begin(event) {
  const next = JSON.parse(event.data);
  if (next.run !== about.run)
    points = [];
  about = next;
  el.title.textContent = about.title;
  el.metric.textContent = about.metric;
  const every = about.interval === 1000 ? "every second" : `every ${about.interval / 1000} seconds`;
  el.from.textContent = `of ${about.from.join(", ")}, ${every}`;
  el.latency.hidden = !about.timed;
  el.unit.textContent = about.unit;
  say("waiting", "waiting");
}

function add(event) {
  const point = JSON.parse(event.data);
  if (points.length && point.t <= points.at(-1).t)
    return;
  // A run begins with its first rate, not with what was waited for it.
  if (points.every((p) => p.rate === null))
    points = [];
  points.push(point);
  points = points.slice(-about.points);
  offer(Object.keys(point.by));
  const state = point.rate === null ? "waiting" : "live";
  say(point.trouble ? "trouble" : state, point.trouble ?? state);
  plan();
}

function connect() {
  const source = new EventSource("events");
  source.addEventListener("about", begin);
  source.addEventListener("message", add);
  source.addEventListener("over", () => {
    source.close();
    say("over", "the run has ended");
  });
  source.addEventListener("error", () => {
    say("lost", "no connection to kt; trying again");
    if (source.readyState === EventSource.CLOSED)
      setTimeout(connect, 3000);
  });
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
function theme(choice) {
  if (choice)
    document.documentElement.dataset.theme = choice;
  el.theme.textContent = isDark() ? "Light" : "Dark";
}

const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
el.chart.addEventListener("keydown", (event) => {
  if (event.key in moves && points.length) {
    look(points[Math.min(Math.max(index() + moves[event.key], 0), points.length - 1)].t);
    event.preventDefault();
  } else if (event.key === "Escape") {
    look(null);
  }
});
for (const chart of [el.chart, el.times]) {
  chart.addEventListener("pointermove", (event) => {
    if (!points.length)
      return;
    const { box } = geometry(chart);
    const x = event.clientX - chart.getBoundingClientRect().left;
    look(box.end - (box.right - x) / (box.right - box.left) * box.span - about.interval / 2);
  });
  chart.addEventListener("pointerleave", () => look(null));
}
el.chart.addEventListener("blur", () => look(null));
el.by.addEventListener("change", () => {
  history.replaceState(null, "", `#${encodeURIComponent(el.by.value)}`);
  plan();
});
el.theme.addEventListener("click", () => {
  const choice = isDark() ? "light" : "dark";
  localStorage.setItem("theme", choice);
  theme(choice);
});
dark.addEventListener("change", () => theme());
new ResizeObserver(plan).observe(el.chart);
theme(localStorage.getItem("theme"));
connect();
