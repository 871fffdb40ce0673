// A day's work with the types that openapi-typescript makes: URL, two tokens, begin, end, day, three to install.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

type Problem = components["schemas"]["Problem"];

const [url, token, readingToken, begin, end, day, ...store] = process.argv.slice(2) as [
  string, string, string, string, string, string, ...string[],
];
const clientOf = (one: string) => createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${one}` } });
const client = clientOf(token);

// Lists can also be had as CSV, so that their types are rows or a text.
function must<T>(answer: { data?: T; error?: Problem }): Exclude<T, string> {
  if (answer.data === undefined || typeof answer.data === "string") throw new Error(JSON.stringify(answer.error));
  return answer.data as Exclude<T, string>;
}

function problem(answer: { error?: Problem }): Problem {
  if (answer.error === undefined) throw new Error("It was not refused.");
  return answer.error;
}

function refusal(answer: { error?: Problem }): string[] {
  const { code, errors } = problem(answer);
  return [code, ...(errors ?? []).map((one) => `${one.field} ${one.code}`)];
}

const install = (serials: string[], key?: string, by = client) =>
  by.POST("/api/v1/installations/", {
    params: { header: key === undefined ? {} : { "Idempotency-Key": key } },
    body: { action: "install", concentrators: serials, profile: "Ten" },
  });
const one = (serial: string) =>
  client.GET("/api/v1/concentrators/{serial_number}/", { params: { path: { serial_number: serial } } });

async function messages() {
  const ids = new Set<number>();
  let pages = 0;
  let cursor: string | undefined;
  do {
    const query = { received_from: begin, received_to: end, ...(cursor === undefined ? {} : { cursor }) };
    const page = must(await client.GET("/api/v1/messages/", { params: { query } }));
    for (const message of page.results) ids.add(message.id);
    pages += 1;
    cursor = page.next ? (new URL(page.next).searchParams.get("cursor") ?? undefined) : undefined;
  } while (cursor !== undefined);
  return { messages: ids.size, highest_id: Math.max(...ids), pages };
}

async function untilRefused() {
  for (;;) {
    const answer = await one("A1");
    if (answer.data === undefined) {
      const waits = Number(answer.response.headers.get("Retry-After")) > 0;
      return { throttled: problem(answer).code, waits };
    }
  }
}

async function main() {
  const silent = must(await client.GET("/api/v1/concentrators/", { params: { query: { status: ["unreachable"] } } }));
  const fleet = must(await client.GET("/api/v1/concentrators/"));
  const days = must(
    await client.GET("/api/v1/daily-counts/", { params: { query: { from_day: day, to_day: day } } }),
  );
  const found = {
    unreachable: silent.results.map((row) => row.serial_number),
    fleet: fleet.results.length,
    ...(await messages()),
    received: days.results.reduce((sum, row) => sum + row.wakeup_count, 0),
    forbidden: problem(await install(store, undefined, clientOf(readingToken))).code,
    installed: must(await install(store, "one")).changed,
    again: must(await install(store, "one")).changed,
    conflict: refusal(await install(store)),
    invalid: refusal(await install(["A1", "NOBODY"])),
    not_found: problem(await one("NOBODY")).code,
  };
  process.stdout.write(JSON.stringify({ ...found, ...(await untilRefused()) }));
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
