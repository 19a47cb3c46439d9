import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { Allow, canInTenant } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";

export const PersonalDataRelation = { SUBJECT: "SUBJECT", AUTHOR: "AUTHOR" } as const;
export type PersonalDataRelation = keyof typeof PersonalDataRelation;

registerEnumType(PersonalDataRelation, {
  name: "PersonalDataRelation",
  description: "How personal data is related to the person.",
  valuesConfig: {
    SUBJECT: { description: "It is about the person. Anonymizing and erasing replace it." },
    AUTHOR: { description: "The person has written it. Erasing replaces it; anonymizing keeps it." },
  },
});

export const PersonalDataProtection = { PLAIN: "PLAIN", PERSON_KEY: "PERSON_KEY" } as const;
export type PersonalDataProtection = keyof typeof PersonalDataProtection;

registerEnumType(PersonalDataProtection, {
  name: "PersonalDataProtection",
  description: "How personal data is stored.",
  valuesConfig: {
    PLAIN: { description: "As it is. Row-level security and the encryption of the disk protect it." },
    PERSON_KEY: {
      description:
        "Encrypted with a key of the person. Destroying the key erases it, except in backups from before, which contain the key.",
    },
  },
});

const processingRecordColumns = columns({
  table: column.text("Table of the database, as `schema.table`."),
  columns: column.texts("Columns with personal data."),
  person: column.text("Column that identifies the person."),
  relation: column.of(() => PersonalDataRelation, "How the data is related to the person."),
  protection: column.of(() => PersonalDataProtection, "How the data is stored."),
});

@ShowColumns(processingRecordColumns)
@ObjectType({ description: "Personal data of one table: an entry of the register of processing." })
@Allow(canInTenant("privacy.read"))
export class ProcessingRecord extends shapeOf(processingRecordColumns) {}
