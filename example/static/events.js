/**
 * The server-sent events of a body, as {name, data}, wherever the network has cut it: amid a line or a character.
 * EventSource can't do this: it sends GET only. https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = { name: "message", data: [] };
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return; // what has no empty line after it was cut off
    const lines = (rest + value).split(/\r\n|\n|\r(?!$)/); // the last \r may be half of a \r\n
    rest = lines.pop();
    for (const line of lines) {
      const [, field, text] = line.match(/^([^:]*)(?:: ?)?(.*)$/s);
      if (field === "event") event.name = text;
      if (field === "data") event.data.push(text);
      if (line === "") {
        if (event.data.length) yield { name: event.name, data: event.data.join("\n") };
        event = { name: "message", data: [] };
      }
    }
  }
}
