import { readFileSync } from "node:fs";

/** Returns the answers that tests verify, as Markdown: the tables of `testkit/expected/NAME.md`, which `pnpm expected` writes. */
export const expectedAnswers = (name: string): string =>
  readFileSync(new URL(`../../../../testkit/expected/${name}.md`, import.meta.url), "utf8");

/**
 * The end of `docs/reference/permissions.md`: what a running Weft answered to each role, which the rules alone do not show.
 * @param hidden root fields that clients do not see, as `Type.field`
 */
export const answeredOperations = (hidden: ReadonlySet<string>): string => `
${operationsText}

${withoutRows(expectedAnswers("operations"), hidden)}`;

const typesOfTables: Readonly<Record<string, string>> = { Queries: "Query", Mutations: "Mutation", Subscriptions: "Subscription" };

/** The table of queries has a row of the same name as that of a subscription, so the heading decides. */
function withoutRows(tables: string, hidden: ReadonlySet<string>): string {
  let type: string | undefined;
  const isShown = (line: string): boolean => {
    type = typesOfTables[/^### (\w+)/.exec(line)?.[1] ?? ""] ?? type;
    const [, name] = /^\| `(\w+)` \|/.exec(line) ?? [];
    return name === undefined || !hidden.has(`${type}.${name}`);
  };
  return tables.split("\n").filter(isShown).join("\n");
}

const operationsText = `## Role × operation, as tested

These tables show what a running Weft answered. One user of each role called every operation with valid input. Platform operators did too: once from their own tenant, where all the objects belong to another tenant, and once acting in the tenant. The test is \`testkit/src/isolation/matrix/answered-matrix.hard.test.ts\`; \`pnpm expected\` rewrites the tables.

If there are two answers, separated by a dot, the first is for the user's own objects and the second for those of other users. A user's own objects are the user, requests that the user created or that were assigned to the user's vendor, and everything that belongs to them. A single answer means that both are the same, or that the distinction does not apply.

- \`yes\`: answered, or done. \`in part\`: answered, except for fields that require more permissions. \`null\`: nothing to show, and no error.
- \`all\`, \`some\`, \`none\`: how many of the existing items a list shows. Notifications always belong to the user. \`own\`: only what is in the platform's own tenant.
- \`open\`: requires no login, and was not tested again. –: does not exist.
- Anything else is an error code ([errors.md](errors.md)). TRANSITION_REJECTED comes from the definition: the user has the permission, but the state or the definition does not let this user fire the transition now. The definitions are those in \`examples/definitions\`.
- A subscription is \`yes\` if it delivered something.`;
