import type { listImports } from "@weft/drizzle";
import { Allow, DateTimeScalar, encodeId, inherit, staff, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";

export type ImportRow = typeof listImports.importJobs.$inferSelect;
export type ImportProblemRow = typeof listImports.importProblems.$inferSelect;

export const ImportList = { REQUESTS: "REQUESTS", BUILDINGS: "BUILDINGS", ASSETS: "ASSETS", VENDORS: "VENDORS" } as const;
export type ImportList = keyof typeof ImportList;

registerEnumType(ImportList, {
  name: "ImportList",
  description: "Lists that can be imported.",
  valuesConfig: {
    REQUESTS: { description: "The list `requests`." },
    BUILDINGS: { description: "The list `buildings`." },
    ASSETS: { description: "The list `assets`." },
    VENDORS: { description: "The list `vendors`." },
  },
});

export const ImportStatus = {
  CHECKING: "CHECKING",
  READY: "READY",
  RUNNING: "RUNNING",
  COMPLETED: "COMPLETED",
  CANCELLED: "CANCELLED",
  FAILED: "FAILED",
} as const;
export type ImportStatus = keyof typeof ImportStatus;

registerEnumType(ImportStatus, {
  name: "ImportStatus",
  description: "Statuses of an import.",
  valuesConfig: {
    CHECKING: { description: "The lines are being checked. Nothing is written." },
    READY: { description: "Every line is checked. Start the import with `startImport`." },
    RUNNING: { description: "Waiting or in progress." },
    COMPLETED: { description: "Every line is imported, skipped, or failed." },
    CANCELLED: { description: "Stopped by its creator. What was imported until then remains." },
    FAILED: { description: "Stopped for the reason in `message`. What was imported line by line until then remains." },
  },
});

export const ImportMode = { ALL_OR_NOTHING: "ALL_OR_NOTHING", LINE_BY_LINE: "LINE_BY_LINE" } as const;
export type ImportMode = keyof typeof ImportMode;

registerEnumType(ImportMode, {
  name: "ImportMode",
  description: "How lines with problems affect the other lines of an import.",
  valuesConfig: {
    ALL_OR_NOTHING: {
      description:
        "All lines are written in one transaction, or none. For at most 1,000 buildings, assets or vendors, or 200 requests, because it blocks other changes while it runs.",
    },
    LINE_BY_LINE: { description: "Lines with problems are omitted. The others are imported." },
  },
});

export const ImportExisting = { UPDATE: "UPDATE", SKIP: "SKIP" } as const;
export type ImportExisting = keyof typeof ImportExisting;

registerEnumType(ImportExisting, {
  name: "ImportExisting",
  description: "What an import does with a line whose `externalId` or `id` is that of an existing object.",
  valuesConfig: {
    UPDATE: { description: "The object gets the values of the line. Empty values leave it as it is." },
    SKIP: { description: "The line is omitted." },
  },
});

@ObjectType({ description: "The field that the values of a column set." })
@Allow(inherit)
export class ImportColumn {
  @Field(() => String, { description: "Name of the column in the header." })
  column!: string;

  @Field(() => String, { description: "Field of the objects." })
  field!: string;
}

@ObjectType({ description: "An import of a CSV file. Only its creator can see it." })
@Allow(staff)
export class Import {
  @Field(() => ID, { description: "ID (`imp_…`)." })
  id!: string;

  @Field(() => ImportList, { description: "The list that receives the objects." })
  list!: ImportList;

  @Field(() => ImportExisting, { description: "What happens with objects that exist already." })
  onExisting!: ImportExisting;

  @Field(() => ImportMode, { nullable: true, description: "How lines with problems affect the others. Null until the import is started." })
  mode!: ImportMode | null;

  @Field(() => String, { nullable: true, description: "Character between the values of a line. Null until the header has been read." })
  separator!: string | null;

  @Field(() => [String], { description: "Names of the columns in the header. Empty until it has been read." })
  columns!: string[];

  @Field(() => [ImportColumn], { description: "Columns that set fields. The values of other columns are ignored." })
  mapping!: ImportColumn[];

  @Field(() => ImportStatus, { description: "Status." })
  status!: ImportStatus;

  @Field(() => Int, { nullable: true, description: "Number of lines below the header. Null until the file has been read." })
  lineCount!: number | null;

  @Field(() => Int, {
    description: "Number of lines that are checked, and after the start of those that are imported, skipped, or failed.",
  })
  doneCount!: number;

  @Field(() => Int, { description: "Number of new objects. Before the start, of those that there would be." })
  createdCount!: number;

  @Field(() => Int, { description: "Number of updated objects. Before the start, of those that would be updated." })
  updatedCount!: number;

  @Field(() => Int, { description: "Number of lines that are skipped because their objects exist, or because they change nothing." })
  skippedCount!: number;

  @Field(() => Int, { description: "Number of lines with problems. `importProblems` lists the problems." })
  failedCount!: number;

  @Field(() => String, { nullable: true, description: "Why the import failed. Null if it did not." })
  message!: string | null;

  @Field(() => Int, { description: "Version number, incremented as the import progresses." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last progress." })
  updatedAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "End time." })
  finishedAt!: string | null;
}

@ObjectType({ description: "Why a line of an import cannot be imported." })
@Allow(inherit)
export class ImportProblem {
  @Field(() => Int, { description: "Line of the file on which the values begin. The header is on line 1." })
  line!: number;

  @Field(() => String, { nullable: true, description: "Name of the column. Null if the problem is not that of one column." })
  column!: string | null;

  @Field(() => String, { nullable: true, description: "Field of the object. Null if the problem is not that of one field." })
  field!: string | null;

  @Field(() => String, { description: "What is wrong." })
  message!: string;
}

/** Converts a row to its API type. */
export const toImport = (row: ImportRow): Import =>
  Object.assign(new Import(), {
    id: encodeId("import", row.id),
    list: row.list as ImportList,
    onExisting: row.onExisting as ImportExisting,
    mode: row.mode as ImportMode | null,
    separator: row.separator,
    columns: row.columns,
    mapping: (row.mapping ?? []).map((each) => Object.assign(new ImportColumn(), each)),
    status: row.status as ImportStatus,
    lineCount: row.lineCount,
    doneCount: row.doneCount,
    createdCount: row.createdCount,
    updatedCount: row.updatedCount,
    skippedCount: row.skippedCount,
    failedCount: row.failedCount,
    message: row.message,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    finishedAt: row.finishedAt,
  });

export const toImportProblem = ({ line, columnName, field, message }: ImportProblemRow): ImportProblem =>
  Object.assign(new ImportProblem(), { line, column: columnName, field, message });

export const ImportPayload = payloadOf(Import, "import");
export type ImportPayload = InstanceType<typeof ImportPayload>;
