import { readFileSync } from "node:fs";

/** What the tests hold that is answered, as Markdown: the tables of `packages/testkit/expected/NAME.md`, which `pnpm expected` writes. */
export const expectedAnswers = (name: string): string =>
  readFileSync(new URL(`../../../testkit/expected/${name}.md`, import.meta.url), "utf8");

/** The end of `docs/permissions.md`: what a running Weft answered to each role, as the rules alone cannot say. */
export const answeredOperations = (): string => `
${operationsText}

${expectedAnswers("operations")}`;

const operationsText = `## Role × operation, as really answered

Every operation, tried on a running Weft by one person of each role with a valid input, and by operators of the platform: at home in their own tenant, where all that they try is another tenant's, and acting in the tenant (\`packages/testkit/src/isolation/answered-matrix.hard.test.ts\`; \`pnpm expected\` writes the tables anew). Two answers with a dot between them: first about what is one's own (a request that I made myself or that my vendor was given, what hangs on it, myself), then about what is somebody else's. One answer: they are the same, or there is no such difference.

- \`yes\`: answered, or done. \`in part\`: answered, but for fields that need more rights. \`null\`: nothing to show, and no error.
- \`all\`, \`some\`, \`none\`: how much of what there is a list shows; notifications are everybody's own. \`own\`: only what is in the platform's own tenant.
- \`open\`: needs no login, and was not tried again. –: there is no such thing.
- Otherwise the code of the error ([errors.md](errors.md)). TRANSITION_REJECTED is the definition's answer: the permission is there, but the state or the definition does not let this person do it now. Definitions here are those of \`examples/definitions\`.
- A subscription is \`yes\` when it has told something.`;
