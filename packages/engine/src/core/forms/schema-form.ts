import type { CompiledSchema } from "../model/schema.js";
import { formOfProperties } from "./data-form.js";
import type { DeliveredForm } from "./deliver.js";

type Described = {
  readonly name: string;
  readonly title: string | null;
  /** Names of the properties to fill in, in order. */
  readonly asked: readonly string[];
  readonly required: readonly string[];
  /** Whether other properties are accepted, according to the schema. */
  readonly isOpen: boolean;
};

/** A name as a part of a JSON pointer (RFC 6901). */
export const pointerPart = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** Returns the form to fill in what a schema describes. */
export function formOfSchema(
  schema: Pick<CompiledSchema, "root" | "source">,
  { name, title, asked, required, isOpen }: Described,
): DeliveredForm {
  const form = formOfProperties(schema, { asked, required, fieldOf: () => null, isOpen });
  const { description } = schema.source;
  return {
    name,
    title,
    description: typeof description === "string" ? description : null,
    schema: { $schema: "http://json-schema.org/draft-07/schema#", ...form.schema },
    uiSchema: {
      type: "VerticalLayout",
      elements: form.controls.map(({ name: field, ...control }) => ({
        type: "Control",
        ...control,
        scope: `#/properties/${pointerPart(field)}`,
      })),
    },
    data: form.data,
  };
}

/** Returns the form of an input that a definition describes by a schema alone. */
export const formOfInput = (input: CompiledSchema, { name, title }: Pick<Described, "name" | "title">): DeliveredForm =>
  formOfSchema(input, {
    name,
    title,
    asked: [...input.root.properties.keys()],
    required: input.root.required,
    isOpen: input.root.additional !== false,
  });
