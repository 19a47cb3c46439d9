import { Allow, anyone, can, inherit, type Rule } from "@weft/api/rules";
import { defineSubgraph, type Subgraph, type SubgraphOptions } from "@weft/api/subgraph";
import { Field, ObjectType, Query, Resolver } from "type-graphql";
import { perProcessorSecond } from "./harness/processor-time.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "./harness/rounds.js";
import { leavesOf, pageData, pageOperation, realRules, workflowsPage } from "./rules/workflows-page.js";
import { servicesWithoutDatabase } from "./harness/systems/services-without-database.js";
import { everythingViewer } from "./harness/tenants/viewer.js";

const fields = Array.from({ length: 20 }, (_, index) => `field${index + 1}`);
const objects = 20;
const rules = [can("request.read"), can("workflow.read"), can("user.read"), can("vendor.read")] as const;

const without = "no rules";
const compiled = "a rule on each leaf";
const shielded = "the same, all through graphql-shield";
const realWithout = "a page of workflows, no rules";
const real = "a page of workflows, the rules of the schema";

/**
 * P4: measures the cost of rules. One answer of 20 objects with 20 plain fields each, from the subgraph's own executor: once with a rule on the
 * viewer on every leaf, and once with leaves that inherit from their parent, so that their resolvers are not wrapped. Then a page of workflows with
 * owner, definition, tasks and history, with the rules that the real schema has for these fields, and without. Measures processor time, so that other
 * processes do not count.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const services = servicesWithoutDatabase();
  const call = { viewer: everythingViewer(), requestId: "bench", address: null, userAgent: null, traceId: null };
  const contestant = (name: string, subgraph: Subgraph, forMs: number, { query, root, expected } = artificial): Contestant => ({
    name,
    run: async () => {
      const operations = await perProcessorSecond(async () => {
        const answer = await subgraph.execute({ services, call, query });
        if (answer.errors !== undefined || (answer.data?.[root] as unknown[] | undefined)?.length !== objects)
          throw new Error(`${name} gave ${JSON.stringify(answer)}.`);
      }, forMs);
      // For the other answers, only the number of objects is checked. This one is compared completely.
      const last = JSON.stringify(await subgraph.execute({ services, call, query }));
      if (last !== expected) throw new Error(`${name} gave another answer: ${last}`);
      return { "operations per processor second": operations };
    },
  });
  const make = (forMs: number) => [
    contestant(
      without,
      thingsWith("Bare", () => inherit),
      forMs,
    ),
    contestant(compiled, thingsWith("Guarded", ruleOf), forMs),
    contestant(shielded, thingsWith("Shielded", ruleOf, { rulesMode: "shield" }), forMs),
    contestant(
      realWithout,
      workflowsPage("Bare", () => inherit),
      forMs,
      pageOperation,
    ),
    contestant(real, workflowsPage("Real", realRules()), forMs, pageOperation),
  ];
  const contestants = make(quick ? 500 : 1_000);
  for (const { run: warmUp } of contestants) await warmUp();
  const rounds = await alternate(contestants, quick ? 5 : 11);

  const figure = "operations per processor second";
  const anchorOf = (name: string): string => (name === real || name === realWithout ? realWithout : without);
  const cost = (name: string): number => 1 / ratioOf(rounds, figure, name, anchorOf(name));
  return {
    title: `P4  rules: an answer of ${objects * fields.length} leaves, from a subgraph's executor`,
    head: ["", "operations/s", "ms each", "against no rules"],
    rows: contestants.map(({ name }) => [name, medianOf(rounds, name, figure), 1000 / medianOf(rounds, name, figure), cost(name)]),
    ratio: {
      what: "time with a rule on each leaf / without",
      value: cost(compiled),
      goal: `≤ 1.05; with the rules of the schema, a page of workflows ${cost(real).toFixed(2)}`,
    },
    notes: [
      `The page of workflows has ${leavesOf(pageData)} leaves. Its rules are those of the workflows subgraph, its data and its types are the bench's.`,
      `Answers with a wrong number of objects or an error: 0. The last answer of each turn is equal to the expected one to the letter.`,
    ],
    rounds,
  };
}

const ruleOf = (index: number): Rule => rules[index % rules.length] ?? rules[0];
const someThings = Array.from({ length: objects }, (_, index) =>
  Object.fromEntries(fields.map((field) => [field, `${field} of ${index}`])),
);

const artificial = {
  query: `{ things { ${fields.join(" ")} } }`,
  root: "things",
  expected: JSON.stringify({ data: { things: someThings } }),
};

/**
 * Returns a subgraph whose leaves have the given rules. Each subgraph has its own classes, because type-graphql keeps its metadata of a class
 * permanently.
 */
function thingsWith(name: string, rule: (index: number) => Rule, options: SubgraphOptions = {}): Subgraph {
  class Thing {}
  for (const [index, field] of fields.entries()) {
    Field(() => String)(Thing.prototype, field);
    Allow(rule(index))(Thing.prototype, field);
  }
  ObjectType(name)(Thing);
  @Resolver()
  class Things {
    @Query(() => [Thing])
    @Allow(anyone)
    things(): Thing[] {
      return someThings;
    }
  }
  const subgraph = defineSubgraph({ name: name.toLowerCase(), resolvers: [Things], ...options });
  const classes = new Set(subgraph.rules.filter(({ type }) => type === name).map((row) => row.class));
  const wanted = rule(0).kind === "inherit" ? "inherit" : "guard";
  if (classes.size !== 1 || !classes.has(wanted)) throw new Error(`The leaves of ${name} should all be of the class ${wanted}.`);
  return subgraph;
}
