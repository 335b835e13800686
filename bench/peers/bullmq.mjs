// BullMQ, asked for one item at a time over HTTP: `node bullmq.mjs PACKAGES PORT SOCKET DATABASE PREFIX`.
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";

const [packages, port, socket, database, prefix] = process.argv.slice(2);
const require = createRequire(`${packages}/package.json`);
const { Queue, Worker } = require("bullmq");
const connection = { path: socket, db: Number(database), maxRetriesPerRequest: null };
const options = { connection, prefix };
const queue = new Queue("leads", options);
const worker = new Worker("leads", null, { ...options, autorun: false, lockDuration: 86400000 });
await worker.waitUntilReady();

const ITEM = {
  channel: "whatsapp", source: "bench", queue: "main", vin: "XTA21099033434343",
  customer: {
    external_id: "client-0000001", name: "Иван Петров", phone: "+7 900 0000001",
    email: "client0000001@example.org", messengers: { telegram: "id0000001" },
  },
  text: "Здравствуйте, есть ли в наличии и сколько стоит с доставкой?",
  items: [{ name: "Фильтр масляный", quantity: 2, price: "640.50" }],
  attributes: { page: "/vin", utm_source: "yandex", session: "4b645494" },
};
const AT_ONCE = 5000;
const held = new Map();

async function fill(count) {
  for (let first = 0; first < count; first += AT_ONCE) {
    const some = Math.min(AT_ONCE, count - first);
    await queue.addBulk(Array.from({ length: some }, (_, number) => (
      { name: "lead", data: ITEM, opts: { priority: 1 + number % 1000 } })));
  }
}

async function take() {
  const token = randomUUID();
  const job = await worker.getNextJob(token, { block: false });
  if (!job) return [204];
  held.set(job.id, job);
  return [200, { id: job.id, token, item: job.data }];
}

async function finish(id, token) {
  const job = held.get(id);
  if (!job) return [409, { id }];
  held.delete(id);
  await job.moveToCompleted("won", token, false);
  return [200, { id }];
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function answer(request) {
  const [subject, verb] = request.url.split("/").slice(-2);
  if (verb === "next") return take();
  if (verb === "settle") return finish(subject, JSON.parse(await bodyOf(request)).token);
  if (subject === "fill") return [200, await fill(Number(verb)) ?? null];
  return verb === "finished" ? [200, await queue.getCompletedCount()] : [404, null];
}

createServer(async (request, response) => {
  try {
    const [status, sent] = await answer(request);
    const body = status === 204 ? "" : JSON.stringify(sent);
    response.writeHead(status, {
      "content-type": "application/json", "content-length": Buffer.byteLength(body),
    }).end(body);
  } catch (error) {
    console.error("Traceback", error);
    response.writeHead(500).end();
  }
}).listen(Number(port), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
