// certlogic-js behind a pipe: a JSON request a line, a JSON answer a line. With --watch it says where a date was none.
//
//   {"validate": [expression…]}            how many issues certlogic-js finds in each
//   {"evaluate": [expression…], "data": […]}   for each expression the answers to all data: [value], [] where it
//                                          throws, [value, true] where V8 made up a date on the way
//   {"inherited": true}                    the names that JavaScript's values have without being given them
//   {"time": {"rules": […], "data": […], "seconds": 1}}   of each rule the seconds of its quickest pass over all data

import { createInterface } from "node:readline";
import { evaluate } from "certlogic-js";
import { validate } from "certlogic-js/dist/validation/index.js";

// V8 reads 2021-02-30 as 2 March, and 2021-02-32 as a date for which every comparison is false.
let madeUp = false;

const RealDate = Date;

class WatchedDate extends RealDate {
  constructor(text) {
    super(text);
    const day = text.slice(0, 10);
    const midnight = new RealDate(`${day}T00:00:00.000Z`);
    madeUp ||= Number.isNaN(this.getTime()) || midnight.toISOString().slice(0, 10) !== day;
  }
}

for (const name of ["setUTCFullYear", "setUTCMonth", "setUTCDate", "setUTCHours"]) {
  WatchedDate.prototype[name] = function (amount) {
    const milliseconds = RealDate.prototype[name].call(this, amount);
    madeUp ||= Number.isNaN(milliseconds);
    return milliseconds;
  };
}

// Infinity is an answer that JSON cannot hold; it would write null, which is another.
const finite = (_, part) => {
  if (typeof part === "number" && !Number.isFinite(part)) throw new RangeError(`${part} is no JSON`);
  return part;
};

const answer = (expression, data) => {
  madeUp = false;
  try {
    const written = JSON.stringify(evaluate(expression, data), finite);
    return madeUp ? `[${written},true]` : `[${written}]`;
  } catch {
    return "[]";
  }
};

const inherited = () => {
  const names = [Object, Array, String, Number, Boolean, RealDate].flatMap((one) => Object.getOwnPropertyNames(one.prototype));
  return names.filter((name) => name !== "length"); // lists and texts have a length of their own
};

const pass = (rule, data) => {
  const started = performance.now();
  for (const one of data) {
    try {
      evaluate(rule, one);
    } catch {
      // no answer is an outcome, too
    }
  }
  return (performance.now() - started) / 1000;
};

const time = ({ rules, data, seconds }) => {
  const end = performance.now() + 1000 * seconds;
  let quickest = rules.map((rule) => pass(rule, data));
  while (performance.now() < end) quickest = rules.map((rule, at) => Math.min(quickest[at], pass(rule, data)));
  return quickest;
};

const list = (texts) => `[${texts.join(",")}]`;

const respond = (request) => {
  if (request.evaluate) return list(request.evaluate.map((expression) => list(request.data.map((one) => answer(expression, one)))));
  if (request.validate) return JSON.stringify(request.validate.map((expression) => validate(expression).length));
  return JSON.stringify(request.inherited ? inherited() : time(request.time));
};

if (process.argv.includes("--watch")) globalThis.Date = WatchedDate;
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${respond(JSON.parse(line))}\n`);
}
