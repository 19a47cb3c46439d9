import { Field, ID, InputType, Int } from "type-graphql";
import { ImportExisting, ImportList, ImportMode } from "./import.type.js";

@InputType({ description: "The field that the values of a column set." })
export class ImportColumnInput {
  @Field(() => String, { description: "Name of the column in the header." })
  column!: string;

  @Field(() => String, {
    description:
      "Field of the input of `createRequest`, `createBuilding`, `createAsset` or `createVendor`, for example `name`, `position.latitude` or `fields.colour`; `externalId` or `id`; or a reference such as `building.code`.",
  })
  field!: string;
}

@InputType({ description: "Input of `createImport`." })
export class CreateImportInput {
  @Field(() => ID, { description: "A CSV file that you have uploaded with `createUpload`, of at most 20 MB." })
  fileId!: string;

  @Field(() => ImportList, { description: "The list that receives the objects." })
  list!: ImportList;

  @Field(() => [ImportColumnInput], {
    nullable: true,
    description: "Columns that set fields. Default: the columns whose names are those of fields. Others are ignored.",
  })
  mapping?: ImportColumnInput[] | null;

  @Field(() => ImportExisting, {
    defaultValue: ImportExisting.UPDATE,
    description: "What happens with a line whose `externalId` or `id` is that of an existing object.",
  })
  onExisting!: ImportExisting;

  @Field(() => String, {
    nullable: true,
    description:
      "Character between values: a comma, a semicolon, a tab, or a vertical bar. Default: the most frequent of them in the header.",
  })
  separator?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `startImport`." })
export class StartImportInput {
  @Field(() => ID, { description: "The import (`imp_…`)." })
  id!: string;

  @Field(() => ImportMode, { description: "How lines with problems affect the others." })
  mode!: ImportMode;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}
