import { createHash } from "node:crypto";
import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { startWeft } from "@weft/standalone";
import * as operations from "@weft/client/operations";
import { type DirectiveNode, Kind, type OperationDefinitionNode, parse, print } from "graphql";
import { newApplication, newOperations } from "@weft/testkit/tenants/new-application";
import { perProcessorSecond } from "./harness/processor-time.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "./harness/rounds.js";
import { openTenant, startSite } from "./harness/systems/services.js";

const figure = "ms of processor time";
const edge = "of which without execution";
const byId = "document ID";
const byHash = "hash (automatic)";
const byText = "text";
const byNewText = "text that was never sent before";

/**
 * Measures what stored operations save: the processor time of a whole query, by what stands for it in the request. All of Weft is in this process, without
 * sockets; the time of PostgreSQL is not counted. The same query with `@include(if: false)` around everything shows what is left without its execution.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const site = await startSite();
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0" }), site.services.keys);
  const weft = await startWeft({ config, keys: site.services.keys, log: site.services.log });
  try {
    const { admin } = await openTenant(site.services, weft.url, "bench");
    const whole = aQuery(String(operations.RequestDetailDocument));
    const empty = aQuery(withoutSelections(whole.text));
    const application = await newApplication(admin);
    await newOperations(admin, application, JSON.stringify({ [whole.hash]: whole.text, [empty.hash]: empty.text }));
    const headers = {
      host: new URL(weft.url).host,
      "content-type": "application/json",
      authorization: `Bearer ${admin.token}`,
      "weft-application": application,
    };
    // Otherwise the hash would be found among the documents of the application.
    const { "weft-application": _application, ...withoutApplication } = headers;
    const { me } = await admin.run<{ me: { id: string } }>("{ me { id } }");
    // An ID of no request: the list of comments and all else that depends on data is left out of the figures.
    const variables = { id: `req_${me.id.slice(4)}`, isWanted: false };
    const send = async (sent: object, given: Readonly<Record<string, string>> = headers): Promise<void> => {
      const response = await weft.gateway.fetch(`${weft.url}/graphql`, {
        method: "POST",
        headers: given,
        body: JSON.stringify({ ...sent, variables }),
      });
      const { data } = (await response.json()) as { data?: unknown };
      if (!data) throw new Error("The query was not executed.");
    };
    let count = 0;
    const ways: Readonly<Record<string, (query: Query) => object>> = {
      [byId]: ({ hash }) => ({ documentId: hash }),
      [byHash]: ({ hash }) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: hash } } }),
      [byText]: ({ text }) => ({ query: text }),
      [byNewText]: ({ text }) => ({ query: text.replace("query RequestDetail", `query RequestDetail${++count}`) }),
    };
    const forMs = quick ? 300 : 2_000;
    const contestant = (name: string): Contestant => ({
      name,
      run: async () => {
        const way = ways[name] ?? (() => ({}));
        const given = name === byHash ? withoutApplication : headers;
        const msOf = async (query: Query): Promise<number> => {
          await send(way(query), given);
          return 1_000 / (await perProcessorSecond(() => send(way(query), given), forMs));
        };
        return { [figure]: await msOf(whole), [edge]: await msOf(empty) };
      },
    });
    for (const { text, hash } of [whole, empty])
      await send({ query: text, extensions: { persistedQuery: { version: 1, sha256Hash: hash } } }, withoutApplication);
    const contestants = Object.keys(ways).map(contestant);
    const rounds = await alternate(contestants, quick ? 3 : 7);
    return {
      title: `Stored operations: a query of ${whole.text.length} characters through all of Weft, by what stands for it in the request`,
      head: ["the request has", figure, edge],
      rows: contestants.map(({ name }) => [name, medianOf(rounds, name, figure), medianOf(rounds, name, edge)]),
      ratio: { what: "without execution: with the ID / with the known text", value: ratioOf(rounds, edge, byId, byText), goal: "< 1" },
      notes: [
        "One at a time, in one process with its subgraphs, without sockets, and without the time of PostgreSQL. The request does not exist.",
        "A text that was never sent before is parsed, measured, validated and planned; each of the others was, once.",
      ],
      rounds,
    };
  } finally {
    await weft.stop();
    await site.remove();
  }
}

interface Query {
  readonly text: string;
  readonly hash: string;
}

const aQuery = (text: string): Query => ({ text, hash: createHash("sha256").update(text).digest("hex") });

/** Returns the query with everything in it excluded by a variable: it is read, checked and planned, and no subgraph is called. */
function withoutSelections(text: string): string {
  const { definitions, ...document } = parse(text);
  const { directives } = (
    parse("query ($isWanted: Boolean!) { ... @include(if: $isWanted) { __typename } }").definitions[0] as OperationDefinitionNode
  ).selectionSet.selections[0] as { directives: readonly DirectiveNode[] };
  return print({
    ...document,
    definitions: definitions.map((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION
        ? {
            ...definition,
            variableDefinitions: [
              ...(definition.variableDefinitions ?? []),
              ...((parse("query ($isWanted: Boolean!) { a }").definitions[0] as OperationDefinitionNode).variableDefinitions ?? []),
            ],
            selectionSet: {
              kind: Kind.SELECTION_SET,
              selections: [{ kind: Kind.INLINE_FRAGMENT, directives, selectionSet: definition.selectionSet }],
            },
          }
        : definition,
    ),
  });
}
