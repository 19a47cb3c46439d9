/** Lines that register an aggregate in an existing file. Placeholders as in the templates. */
export interface Registration {
  readonly file: string;
  /** Text that occurs in the file exactly once. The lines are inserted before or after it. */
  readonly anchor: string;
  readonly place: "before" | "after";
  readonly lines: string;
}

/** Names of the tables in `access/visible-objects.ts`, by subgraph. */
const tablesOf: Readonly<Record<string, string>> = { requests: "requestTables", vendors: "vendorTables" };

/** Subgraphs in which the generator can create aggregates. */
export const subgraphs = Object.keys(tablesOf);

/** Every list of aggregates that is not derived from the manifests, and the list of the manifests. */
export const registrations = (subgraph: string): readonly Registration[] => [
  {
    file: "drizzle/src/full-tenant.fixture.ts",
    anchor: "    insert into events.position_heads values",
    place: "before",
    lines: `    insert into {{schema}}.{{table}} (tenant_id, id, code, name) values ('\${t}', gen_random_uuid(), 'X1', 'X');\n`,
  },
  {
    file: "packages/shared/src/aggregates/index.ts",
    anchor: "\n/** Every aggregate.",
    place: "before",
    lines: 'import { {{name}} } from "./{{file}}.js";\n',
  },
  { file: "packages/shared/src/aggregates/index.ts", anchor: "] as const;", place: "before", lines: "  {{name}},\n" },
  {
    file: "packages/shared/src/access/visible-objects.ts",
    anchor: "  building: tenantWide(buildings, { buildingId: buildings.id }),\n",
    place: "after",
    lines: `  {{name}}: tenantWide(${tablesOf[subgraph]}.{{names}}, {}),\n`,
  },
  {
    file: "subgraphs/{{schema}}/src/schema.ts",
    anchor: "import { defineSubgraph",
    place: "before",
    lines: `import { {{name}}References } from "./{{folder}}/{{file}}.loader.js";
import { {{Name}}Resolver } from "./{{folder}}/{{file}}.resolver.js";
`,
  },
  // The area of the API with the name of the subgraph.
  { file: "subgraphs/{{schema}}/src/schema.ts", anchor: "      {{schema}}: [", place: "after", lines: "{{Name}}Resolver, " },
  {
    file: "subgraphs/{{schema}}/src/schema.ts",
    anchor: "references: {",
    place: "after",
    lines: " {{Name}}: {{name}}References, ",
  },
  ...["testkit/src/isolation/cases.ts", "testkit/src/idempotency/cases.ts"].flatMap((file): Registration[] => {
    const [folder, spread] = file.includes("isolation") ? ["./cases", ""] : [".", "..."];
    return [
      {
        file,
        anchor: `import { requestCases }`,
        place: "before",
        lines: `import { {{name}}Cases } from "${folder}/{{folder}}.js";\n`,
      },
      { file, anchor: `  ${spread}vendorCases,\n`, place: "before", lines: `  ${spread}{{name}}Cases,\n` },
    ];
  }),
  {
    file: "testkit/src/isolation/fixture.ts",
    anchor: "  const given = await submittedRequest(requester, {",
    place: "before",
    lines: `  await admin.run("mutation ($input: Create{{Name}}Input!) { create{{Name}}(input: $input) { {{name}} { id } } }", {
    input: { code: "{{PREFIX}}-1", name: "{{A_words}}" },
  });
`,
  },
];
