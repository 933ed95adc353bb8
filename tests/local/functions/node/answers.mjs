// One streaming handler for each way in which a function may answer; the path says which.
import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";

const { HttpResponseStream, streamifyResponse } = awslambda;
const TEXT = { "Content-Type": "text/plain" };

async function made(path) {
  while (!existsSync(path)) await setTimeout(10);
}

const WAYS = {
  async events(stream, { folder, count }) {
    stream = HttpResponseStream.from(stream, { statusCode: 200, headers: { "Content-Type": "text/event-stream" } });
    for (let number = 0; number < Number(count); number++) {
      if (number) await made(`${folder}/${number}`);
      stream.write(`data: ${number}\n\n`);
    }
    stream.end();
  },
  async status(stream, { code }) {
    stream = HttpResponseStream.from(stream, { statusCode: Number(code), headers: { ...TEXT, "X-Code": code } });
    stream.write("");
    stream.end();
  },
  async cookies(stream) {
    stream = HttpResponseStream.from(stream, { statusCode: 200, headers: TEXT, cookies: ["a=1; Path=/", "b=2, 3"] });
    stream.write("x");
    stream.end();
  },
  async repeated(stream) {
    const multiValueHeaders = { Vary: ["accept", "origin"], "X-Many": ["one", "two"] };
    stream = HttpResponseStream.from(stream, { statusCode: 200, headers: TEXT, multiValueHeaders });
    stream.write("x");
    stream.end();
  },
  async binary(stream) {
    stream = HttpResponseStream.from(stream, { statusCode: 200, headers: { "Content-Type": "image/png" } });
    stream.write(Uint8Array.from({ length: 256 }, (_, number) => number));
    stream.end();
  },
  async large(stream, { blocks }) {
    stream = HttpResponseStream.from(stream, { statusCode: 200, headers: { "Content-Type": "application/octet-stream" } });
    await pipeline(Readable.from(parts(Number(blocks))), stream);
  },
  async ends(stream) {
    HttpResponseStream.from(stream, { statusCode: 204 }).end();
  },
  async endsWithText(stream) {
    HttpResponseStream.from(stream, { statusCode: 200, headers: TEXT }).end("x");
  },
  async plain(stream) {
    stream.write("no metadata");
    stream.end();
  },
  async throwsFirst() {
    throw new TypeError("before anything is written");
  },
  async throwsMidway(stream) {
    stream = HttpResponseStream.from(stream, { statusCode: 200, headers: TEXT });
    stream.write("half");
    await setTimeout(50);
    throw new TypeError("in the middle");
  },
  async exits(stream) {
    stream = HttpResponseStream.from(stream, { statusCode: 200, headers: TEXT });
    stream.write("half");
    await setTimeout(50);
    process.exit(3);
  },
  async leaves(stream, { folder }) {
    stream = HttpResponseStream.from(stream, { statusCode: 200, headers: TEXT });
    stream.write("first");
    await made(`${folder}/left`);
    for (let number = 0; number < 100; number++) stream.write("x".repeat(2 ** 16));
    stream.end();
    console.log("ran on to its end");
  },
};

function* parts(blocks) {
  for (let number = 0; number < blocks; number++) {
    const block = Buffer.alloc(2 ** 16);
    for (let at = 0; at < block.length; at += 4) block.writeUInt32BE(number, at);
    yield block;
    console.log("read a block");
  }
}

export const handler = streamifyResponse(async (event, stream) => {
  await WAYS[event.path.split("/").at(-1)](stream, event.queryStringParameters ?? {});
});
