import type { listImports } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, inherit, staff } from "@weft/api/rules";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";

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

const mappingColumns = columns({
  column: column.text("Name of the column in the header."),
  field: column.text("Field of the objects.", {
    created:
      "Field of the input of `createRequest`, `createBuilding`, `createAsset` or `createVendor`, for example `name`, `position.latitude` or `fields.colour`; `externalId` or `id`; or a reference such as `building.code`.",
  }),
});

@ShowColumns(mappingColumns)
@ObjectType({ description: "The field that the values of a column set." })
@Allow(inherit)
export class ImportColumn extends shapeOf(mappingColumns) {}

const ImportColumnInput = createInputOf("ImportColumnInput", mappingColumns, "The field that the values of a column set.");

const importColumns = columns({
  id: column.id("ID (`imp_…`).", { created: false, updated: "The import (`imp_…`).", requiredInUpdate: true, isKey: true }),
  fileId: column.id("A CSV file that you have uploaded with `createUpload`, of at most 20 MB.", { shown: false, updated: false }),
  list: column.of(() => ImportList, "The list that receives the objects.", { updated: false }),
  mapping: column.pair(
    () => [ImportColumn],
    () => [ImportColumnInput],
    "Columns that set fields. The values of other columns are ignored.",
    {
      shownBefore: "status",
      created: "Columns that set fields. Default: the columns whose names are those of fields. Others are ignored.",
      updated: false,
      optional: true,
    },
  ),
  onExisting: column.of(() => ImportExisting, "What happens with objects that exist already.", {
    created: "What happens with a line whose `externalId` or `id` is that of an existing object.",
    initial: ImportExisting.UPDATE,
    updated: false,
  }),
  mode: column.of(() => ImportMode, "How lines with problems affect the others. Null until the import is started.", {
    created: false,
    updated: "How lines with problems affect the others.",
    nullable: true,
    requiredInUpdate: true,
  }),
  separator: column.text("Character between the values of a line. Null until the header has been read.", {
    created: "Character between values: a comma, a semicolon, a tab, or a vertical bar. Default: the most frequent of them in the header.",
    updated: false,
    nullable: true,
  }),
  ...standardColumns.idempotencyKey,
  ...standardColumns.expectedVersion,
  ...column.shownOnly({
    columns: column.texts("Names of the columns in the header. Empty until it has been read."),
    status: column.of(() => ImportStatus, "Status."),
    lineCount: column.int("Number of lines below the header. Null until the file has been read.", { nullable: true }),
    doneCount: column.int("Number of lines that are checked, and after the start of those that are imported, skipped, or failed."),
    createdCount: column.int("Number of new objects. Before the start, of those that there would be."),
    updatedCount: column.int("Number of updated objects. Before the start, of those that would be updated."),
    skippedCount: column.int("Number of lines that are skipped because their objects exist, or because they change nothing."),
    failedCount: column.int("Number of lines with problems. `importProblems` lists the problems."),
    message: column.text("Why the import failed. Null if it did not.", { nullable: true }),
    version: column.int("Version number, incremented as the import progresses."),
    createdAt: column.time("Creation time."),
    updatedAt: column.time("Time of the last progress."),
    finishedAt: column.time("End time.", { nullable: true }),
  }),
});

@ShowColumns(importColumns)
@ObjectType({ description: "An import of a CSV file. Only its creator can see it." })
@Allow(staff)
export class Import extends shapeOf(importColumns) {}

export const CreateImportInput = createInputOf("CreateImportInput", importColumns);
export type CreateImportInput = InstanceType<typeof CreateImportInput>;

export const StartImportInput = updateInputOf("StartImportInput", importColumns, "Input of `startImport`.");
export type StartImportInput = InstanceType<typeof StartImportInput>;

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
    ...importColumns.shown(row),
    id: encodeId("import", row.id),
    mapping: (row.mapping ?? []).map((each) => Object.assign(new ImportColumn(), each)),
  });

export const toImportProblem = ({ line, columnName, field, message }: ImportProblemRow): ImportProblem =>
  Object.assign(new ImportProblem(), { line, column: columnName, field, message });

export const ImportPayload = payloadOf(Import, "import");
export type ImportPayload = InstanceType<typeof ImportPayload>;
