import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import type { Problem } from "@weft/shared/errors";
import type { TextBounds } from "@weft/shared/texts";
import { assertText, type ChangedFields, changedFields, inputTextProblems } from "../inputs/changed-fields.js";
import type { Column, TextOptions } from "./column.js";
import type { Changes, Cleared, Created, Plain, Shown, ShownOf, Updated } from "./column-types.js";

export type ColumnMap = Readonly<Record<string, Column<never, never, TextOptions>>>;

/**
 * Columns of an aggregate, declared once: `const buildingColumns = columns({ name: column.text("Display name.", { max: 200 }), … })`. Object type,
 * inputs, bounds and changes derive from them. The order is that of the fields in GraphQL.
 */
export class Columns<Declared extends ColumnMap> {
  readonly #bounds: Readonly<Record<string, TextBounds>>;
  readonly #nullable: readonly string[];
  readonly #changed: readonly string[];
  readonly #plain: ReadonlySet<string>;
  readonly #shown: ReadonlySet<string>;
  readonly #trimmed: ReadonlySet<string>;

  constructor(readonly map: Declared) {
    const names = (of: (options: TextOptions, name: string) => boolean) =>
      Object.entries(map).flatMap(([name, { options }]) => (of(options, name) ? [name] : []));
    this.#bounds = Object.fromEntries(Object.entries(map).flatMap(([name, { bounds }]) => (bounds ? [[name, bounds]] : [])));
    this.#nullable = names((options) => options.nullable === true);
    this.#changed = names((options) => options.updated !== false && !options.isKey);
    this.#plain = new Set(
      names((options) => !options.converted && !options.isKey && (options.created !== false || options.updated !== false)),
    );
    this.#shown = new Set(names((options, name) => name !== "id" && options.shown !== false && !options.isKey));
    this.#trimmed = new Set(names((options) => options.trimmed === true));
  }

  #trim(input: object): [string, unknown][] {
    return Object.entries(input).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === "string" && this.#trimmed.has(name) ? value.trim() : value,
    ]);
  }

  /**
   * Checks the texts of an input.
   * @throws BadUserInput with all problems at once
   */
  assertText(input: object): void {
    assertText(input, this.#bounds);
  }

  /** Returns the problems that `assertText` reports, to report them together with others. */
  textProblems(input: object): Problem[] {
    return inputTextProblems(input, this.#bounds);
  }

  /**
   * Returns the given columns of an update. Null counts as absent, except for columns that can be null.
   * @throws BadUserInput if none is given
   */
  changes(input: Updated<Declared>): Changes<Declared> {
    const values = new Map(this.#trim(input));
    return changedFields(Object.fromEntries(this.#changed.map((name) => [name, values.get(name)])), this.#nullable) as Changes<Declared>;
  }

  /**
   * Like `changes`, for the fields of an update of which a service has converted some, or added others.
   * @throws BadUserInput if none is given
   */
  given<Fields extends object>(fields: Fields): ChangedFields<Fields, Cleared<Declared> & keyof Fields> {
    return changedFields<Fields, Cleared<Declared> & keyof Fields>(
      fields,
      this.#nullable.filter((name): name is Cleared<Declared> & keyof Fields & string => this.#changed.includes(name)),
      this.#changed,
    );
  }

  /** Returns the columns of an input that are stored as they are given, or trimmed if they are declared so, for the row. */
  plain<Input extends object>(input: Input): Plain<Declared, Input> {
    return Object.fromEntries(this.#trim(input).filter(([name, value]) => value !== undefined && this.#plain.has(name))) as Plain<
      Declared,
      Input
    >;
  }

  /** Returns the columns of a row that the object type shows, as they are stored, without its ID. */
  shown<Row extends object>(row: Row): ShownOf<Declared, Row> {
    return Object.fromEntries(Object.entries(row).filter(([name]) => this.#shown.has(name))) as ShownOf<Declared, Row>;
  }
}

/** Declares the columns of an aggregate. */
export const columns = <const Declared extends ColumnMap>(map: Declared): Columns<Declared> => new Columns(map);

/**
 * Adds the columns to an object type: `@ShowColumns(buildingColumns) export class Building extends shapeOf(buildingColumns) {}`. They follow the
 * fields that the class declares itself.
 */
export const ShowColumns =
  ({ map }: { readonly map: ColumnMap }): ClassDecorator =>
  ({ prototype }) => {
    for (const [name, { type, description, options }] of inShownOrder(map)) {
      if (options.shown === false) continue;
      const nullable = options.shownNullable ?? options.nullable;
      Field(type, { ...(nullable && { nullable }), description: options.shown ?? description })(prototype as object, name);
      for (const decorate of options.decorators ?? []) decorate(prototype as object, name);
    }
  };

function inShownOrder(map: ColumnMap): [string, ColumnMap[string]][] {
  const before = Map.groupBy(Object.entries(map), ([, { options }]) => options.shownBefore);
  for (const name of before.keys()) if (name !== undefined && !(name in map)) throw new Error(`shownBefore: there is no column ${name}.`);
  return (before.get(undefined) ?? []).flatMap((each) => [...(before.get(each[0]) ?? []), each]);
}

/** Returns the class that an object type with these columns extends. It has no members at run time: `ShowColumns` declares them. */
export const shapeOf = <Declared extends ColumnMap>(_columns: Columns<Declared>): new () => Shown<Declared> =>
  Shape as new () => Shown<Declared>;

class Shape {}

/**
 * Declares the input that creates an object: `const CreateBuildingInput = createInputOf("CreateBuildingInput", buildingColumns)`.
 * @param description default: "Input of `createBuilding`."
 */
export function createInputOf<Declared extends ColumnMap>(
  name: string,
  { map }: Columns<Declared>,
  description = `Input of \`${mutationOf(name)}\`.`,
): new () => Created<Declared> {
  const { type, add } = inputClass(name, description);
  for (const [column, { inputType, description: ofColumn, options, bounds }] of Object.entries(map)) {
    if (options.created === false) continue;
    const { initial } = options;
    add(column, inputType, {
      ...((options.nullable || options.optional) && { nullable: true }),
      ...(initial !== undefined && { defaultValue: initial }),
      description: options.created ?? withBounds(ofColumn, bounds),
    });
  }
  return type as new () => Created<Declared>;
}

/**
 * Declares the input that changes an object.
 * @param description default: "Input of `updateBuilding`. Omitted fields keep their values."
 */
export function updateInputOf<Declared extends ColumnMap>(
  name: string,
  { map }: Columns<Declared>,
  description = `Input of \`${mutationOf(name)}\`. Omitted fields keep their values.`,
): new () => Updated<Declared> {
  const { type, add } = inputClass(name, description);
  for (const [column, { inputType, description: ofColumn, options, bounds }] of Object.entries(map)) {
    if (options.updated === false) continue;
    const created = options.created === false ? undefined : options.created;
    add(column, inputType, {
      ...(!options.requiredInUpdate && { nullable: true }),
      description: options.updated ?? created ?? withBounds(ofColumn, bounds),
    });
  }
  return type as new () => Updated<Declared>;
}

const mutationOf = (inputName: string): string => `${inputName[0]?.toLowerCase()}${inputName.slice(1).replace(/Input$/, "")}`;

/** Inserts the bounds before the final full stop: "Display name (1 to 200 characters)." */
function withBounds(description: string, bounds: TextBounds | undefined): string {
  if (!bounds) return description;
  return `${description.replace(/\.$/, "")} (${bounds.mayBeEmpty ? "at most" : "1 to"} ${bounds.max} characters).`;
}

interface InputFieldOptions {
  readonly nullable?: boolean;
  readonly defaultValue?: unknown;
  readonly description: string;
}

function inputClass(name: string, description: string) {
  @InputType(name, { description })
  class Input {}
  const add = (column: string, type: () => object, options: InputFieldOptions) => Field(type, options)(Input.prototype, column);
  return { type: Input as new () => object, add };
}
