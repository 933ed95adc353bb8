import { events } from "./events.js";

const form = document.querySelector("form");
const prompt = form.querySelector("textarea");
const button = form.querySelector("button");
const exchanges = document.querySelector("#exchanges");
let running = null; // what stops the answer that is coming

/** Asks, and shows the answer while it comes. */
async function ask(text) {
  const exchange = show(text);
  let answer;
  busy(new AbortController());
  try {
    answer = await fetch("chat", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ prompt: text }),
      signal: running.signal,
    });
    if (!answer.ok) throw new Refused(`The server answered ${answer.status}: ${await reason(answer)}`);
    await read(answer.body, exchange);
    exchange.draw(); // a page out of sight has no frames
  } catch (error) {
    exchange.fail(problem(error, answer));
  } finally {
    running.abort(); // ends a connection of which nothing more is read
    busy(null);
  }
}

async function read(body, exchange) {
  let last = null;
  for await (const event of events(body)) {
    const data = JSON.parse(event.data);
    if (event.name === "message") exchange.add(data.text);
    else last = { name: event.name, ...data };
  }
  if (last?.name === "error") throw new Refused(last.message);
  if (last?.name !== "done") throw new Refused(CUT_OFF);
}

/** An exchange on the page: its prompt, and an answer to add tokens to. */
function show(text) {
  const article = document.querySelector("template").content.cloneNode(true).firstElementChild;
  const part = (name) => article.querySelector(`.${name}`);
  const began = performance.now();
  let first = 0;
  let last = 0;
  let tokens = 0;
  let waiting = ""; // for the next frame: a layout a token would take longer and longer
  part("prompt").textContent = text;
  following(() => exchanges.append(article));
  const draw = () => {
    if (!waiting) return;
    const text = waiting;
    waiting = "";
    following(() => part("answer").append(text));
    const count = tokens === 1 ? "1 token" : `${tokens} tokens`;
    part("figures").textContent = `First token after ${seconds(first - began)} · ${count} in ${seconds(last - began)}`;
  };
  return {
    draw,
    add(token) {
      last = performance.now();
      first ||= last;
      tokens += 1;
      if (!waiting) requestAnimationFrame(draw);
      waiting += token;
    },
    fail(message) {
      draw();
      if (!tokens) part("figures").textContent = "No token came.";
      following(() => part("problem").append(message));
    },
  };
}

/** Makes the page longer, and stays at its end if that was in view. */
function following(grow) {
  const page = document.documentElement;
  const atEnd = page.scrollHeight - page.clientHeight - page.scrollTop < 40;
  grow();
  if (atEnd) page.scrollTop = page.scrollHeight;
}

function busy(controller) {
  running = controller;
  button.textContent = controller ? "Stop" : "Send";
  exchanges.ariaBusy = String(Boolean(controller)); // so that a screen reader reads the answer when it is whole
}

const CUT_OFF = "The connection was cut off before the answer ended.";

/** A failure that says itself what it is. */
class Refused extends Error {}

function problem(error, answer) {
  if (error instanceof Refused) return error.message;
  if (error.name === "AbortError") return "Stopped.";
  if (error instanceof SyntaxError) return "The server sent an event that isn't JSON.";
  return answer ? CUT_OFF : "The server can't be reached.";
}

/** API Gateway says `message`, FastAPI `detail`. */
async function reason(answer) {
  const text = await answer.text();
  try {
    const { message, detail } = JSON.parse(text);
    return message ?? detail.map((error) => error.msg).join("; ");
  } catch {
    return text.slice(0, 200);
  }
}

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(2)} s`;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) running.abort();
  else if (prompt.value.trim()) {
    ask(prompt.value);
    prompt.value = "";
  }
  prompt.focus();
});

button.addEventListener("click", (event) => {
  if (event.detail > 1) event.preventDefault(); // a double click would send and stop
});

prompt.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (!running) form.requestSubmit();
});

button.disabled = false;

try {
  document.querySelector("#model").textContent = (await (await fetch("about")).json()).model ?? "unknown";
} catch {
  document.querySelector("#model").textContent = "unknown";
}
