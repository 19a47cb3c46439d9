import { personalColumns } from "@weft/drizzle";
import { Allow, canInTenant } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Query, Resolver } from "type-graphql";
import { ProcessingRecord } from "./processing-record.type.js";

/** The register does not change while a process runs. */
const records = [...Map.groupBy(personalColumns, ({ table, person }) => `${table} ${person}`).values()].flatMap((group) => {
  const [first] = group;
  if (!first) return [];
  const { table, person, relation, isCiphertext } = first;
  return [
    Object.assign(new ProcessingRecord(), {
      table,
      columns: group.map(({ column }) => column),
      person,
      relation,
      protection: isCiphertext ? "PERSON_KEY" : "PLAIN",
    }),
  ];
});

@Resolver()
export class ProcessingRegisterResolver {
  @Query(() => [ProcessingRecord], {
    nullable: true,
    description: "The register of processing: where Weft stores personal data. It follows from the declarations of the tables.",
  })
  @Allow(canInTenant("privacy.read"))
  processingRegister(): ProcessingRecord[] {
    return records;
  }
}

export const processingRegisterModule: SubgraphModule = { resolvers: { privacy: [ProcessingRegisterResolver] } };
