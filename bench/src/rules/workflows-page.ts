import { Allow, anyone, type Rule } from "@weft/api/rules";
import { defineSubgraph, type Subgraph } from "@weft/api/subgraph";
import { allSubgraphs } from "@weft/standalone";
import { Field, ObjectType, Query, Resolver } from "type-graphql";

/** The types of a page of workflows as the workflows subgraph answers it: plain fields, and fields with objects of another type. */
const types = {
  User: { plain: ["id"], objects: {} },
  Definition: { plain: ["id", "key", "number", "name", "status"], objects: {} },
  Task: { plain: ["id", "title", "status", "priority", "createdAt", "dueAt"], objects: { assignee: "User" } },
  HistoryEntry: { plain: ["id", "version", "transition", "from", "to", "at"], objects: { actor: "User" } },
  WorkflowInstance: {
    plain: ["id", "state", "stateTitle", "status", "definitionKey", "version", "createdAt", "updatedAt"],
    objects: { owner: "User", definition: "Definition", tasks: "Task", history: "HistoryEntry" },
  },
} as const satisfies Readonly<Record<string, { readonly plain: readonly string[]; readonly objects: Readonly<Record<string, string>> }>>;

type TypeName = keyof typeof types;

/** Length of each list in an answer. */
const lengths: Readonly<Record<string, number>> = { tasks: 3, history: 5 };
const instances = 20;

const objectsOf = (type: TypeName): [field: string, target: TypeName][] => Object.entries(types[type].objects) as [string, TypeName][];

const selectionOf = (type: TypeName): string =>
  [...types[type].plain, ...objectsOf(type).map(([field, target]) => `${field} { ${selectionOf(target)} }`)].join(" ");

type Data = Readonly<Record<string, unknown>>;

function dataOf(type: TypeName, n: number): Data {
  const plain = types[type].plain.map((field) => [field, `${field} of ${type} ${n}`]);
  const objects = objectsOf(type).map(([field, target]) => {
    const length = lengths[field];
    const data = length === undefined ? dataOf(target, n) : Array.from({ length }, (_, index) => dataOf(target, n * length + index));
    return [field, data];
  });
  return Object.fromEntries([...plain, ...objects]) as Data;
}

export const pageData: readonly Data[] = Array.from({ length: instances }, (_, n) => dataOf("WorkflowInstance", n));

/** The operation on the page, and its answer. */
export const pageOperation = {
  query: `{ page { ${selectionOf("WorkflowInstance")} } }`,
  root: "page",
  expected: JSON.stringify({ data: { page: pageData } }),
};

/** Returns the number of leaves in an answer. */
export const leavesOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? Object.values(value).reduce((sum: number, each) => sum + leavesOf(each), 0) : 1;

export type RuleOf = (type: string, field: string) => Rule;

/** Returns a function that finds the rule of a field in the schema of the workflows subgraph. It throws if there is no such field. */
export function realRules(): RuleOf {
  const workflows = allSubgraphs({}).find(({ name }) => name === "workflows");
  const rules = new Map(workflows?.rules.map((row) => [`${row.type}.${row.field}`, row.rule]));
  return (type, field) => {
    const rule = rules.get(`${type}.${field}`);
    if (rule === undefined) throw new Error(`The workflows subgraph has no field ${type}.${field}.`);
    return rule;
  };
}

/** Returns a subgraph with the page, whose fields have the given rules. `prefix` distinguishes its types from those of another such subgraph. */
export function workflowsPage(prefix: string, ruleOf: RuleOf): Subgraph {
  const classes = new Map<string, new () => object>();
  for (const name of Object.keys(types) as TypeName[]) {
    class Mirror {}
    for (const field of types[name].plain) declare(Mirror, field, () => String);
    for (const [field, target] of objectsOf(name)) {
      const targetClass = classes.get(target) ?? Mirror;
      declare(Mirror, field, () => (field in lengths ? [targetClass] : targetClass));
    }
    function declare(owner: new () => object, field: string, type: () => unknown): void {
      Field(type as () => typeof String)(owner.prototype as object, field);
      Allow(ruleOf(name, field))(owner.prototype as object, field);
    }
    ObjectType(`${prefix}${name}`)(Mirror);
    classes.set(name, Mirror);
  }
  const instance = classes.get("WorkflowInstance");
  @Resolver()
  class Page {
    @Query(() => [instance])
    @Allow(anyone)
    page(): readonly Data[] {
      return pageData;
    }
  }
  return defineSubgraph({ name: prefix.toLowerCase(), resolvers: [Page] });
}
