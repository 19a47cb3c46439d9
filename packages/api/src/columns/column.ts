import "reflect-metadata";
import { Float, ID, Int } from "type-graphql";
import type { EntityStub } from "../subgraph/entity-stub.js";
import type { TextBounds } from "@weft/shared/texts";
import { DateTimeScalar } from "../scalars/date-time.js";
import { JsonScalar } from "../scalars/json.js";
import { SafeIntScalar } from "../scalars/safe-int.js";

/** A GraphQL type as in `@Field(() => type)`. */
type TypeOf = () => object | readonly object[];

/** Options of a column. A description of `false` means that the column is not in that type. */
export interface ColumnOptions {
  /** Description in the object type. Default: the column's description. */
  readonly shown?: string | false;
  /** Description in the input that creates an object. Default: the column's description, with the bounds of its text. */
  readonly created?: string | false;
  /** Description in the input that changes an object. Default: as in the input that creates one. */
  readonly updated?: string | false;
  /** It can be null: the object shows null, the input that creates it can omit it, and null in the input that changes it removes the value. */
  readonly nullable?: true;
  /** Column before which the object type shows it, if its inputs have it at another place. */
  readonly shownBefore?: string;
  /**
   * The object can show null although a value is stored, for example to viewers who must not see it. For lists, also items, or both. False: it never
   * shows null, although inputs take it.
   */
  readonly shownNullable?: boolean | "items" | "itemsAndList";
  /** The input that creates an object can omit it; the service chooses the value. */
  readonly optional?: true;
  /** Default value in the input that creates an object. */
  readonly initial?: unknown;
  /** The input that changes an object must contain it: it says which object is meant, or is what the mutation sets. */
  readonly requiredInUpdate?: true;
  /** It says which object, version or call is meant, or why, and is not a change. */
  readonly isKey?: true;
  /** The service converts it before it stores it: `plain` leaves it out. */
  readonly converted?: true;
  /** A field resolver returns it, so that an object of the type need not have it. */
  readonly resolved?: true;
  /** Decorators of the property in the object type: an exception from the rule of the class, for example `Allow(can("team.read"))`. */
  readonly decorators?: readonly PropertyDecorator[];
}

export interface TextOptions extends ColumnOptions {
  /** Maximum length of a text, in characters. It is described in the inputs; services check it with `assertText` or `textProblems` of the columns. */
  readonly max?: number;
  /** The text can be empty. Default: if its initial value is empty. */
  readonly mayBeEmpty?: true;
  /** The text can have several lines. */
  readonly hasLines?: true;
  /** Blanks at its start and end are removed before it is stored: by `changes` and `plain`. */
  readonly trimmed?: true;
}

/** A column of an aggregate in its GraphQL types: `Out` in the object type, `In` in the inputs. */
export interface Column<Out = unknown, In = unknown, Options extends ColumnOptions = ColumnOptions> {
  readonly type: TypeOf;
  readonly inputType: TypeOf;
  readonly description: string;
  readonly options: Options;
  readonly bounds?: TextBounds;
  /** For type inference only. */
  readonly types?: (out: Out, input: In) => void;
}

/** Declares a text. With `max`, `assertText` of the columns checks its length and characters. */
export function text<const Options extends TextOptions = object>(description: string, options?: Options): Column<string, string, Options> {
  const { max, hasLines, initial, mayBeEmpty = initial === "" } = options ?? ({} as TextOptions);
  const bounds = max !== undefined && { bounds: { max, ...(mayBeEmpty && { mayBeEmpty }), ...(hasLines && { hasLines }) } };
  return { ...scalar<string, string, Options>(String, description, options), ...bounds };
}

/** Declares an ID: of another object in inputs, or of this one. */
export const id = <const Options extends ColumnOptions = object>(description: string, options?: Options): Column<string, string, Options> =>
  scalar(ID, description, options);

/** Declares a whole number of 32 bits. */
export const int = <const Options extends ColumnOptions = object>(
  description: string,
  options?: Options,
): Column<number, number, Options> => scalar(Int, description, options);

/** Declares a whole number of up to 53 bits. */
export const safeInt = <const Options extends ColumnOptions = object>(
  description: string,
  options?: Options,
): Column<number, number, Options> => scalar(SafeIntScalar, description, options);

/** Declares a number. */
export const float = <const Options extends ColumnOptions = object>(
  description: string,
  options?: Options,
): Column<number, number, Options> => scalar(Float, description, options);

/** Declares a Boolean. */
export const flag = <const Options extends ColumnOptions = object>(
  description: string,
  options?: Options,
): Column<boolean, boolean, Options> => scalar(Boolean, description, options);

/** Declares a time (ISO 8601). */
export const time = <const Options extends ColumnOptions = object>(
  description: string,
  options?: Options,
): Column<string, string, Options> => scalar(DateTimeScalar, description, options);

/** Declares a JSON value. Services check what an input contains. */
export const json = <Out = unknown, const Options extends ColumnOptions = object>(
  description: string,
  options?: Options,
): Column<NoInfer<Out>, unknown, Options> => scalar(JsonScalar, description, options);

/** Declares a JSON object. Services check its members in an input. */
export const jsonObject = <const Options extends ColumnOptions = object>(
  description: string,
  options?: Options,
): Column<Record<string, unknown>, Record<string, unknown>, Options> => scalar(JsonScalar, description, options);

/** Declares a list of texts. */
export const texts = <const Options extends ColumnOptions = object>(
  description: string,
  options?: Options,
): Column<string[], string[], Options> => of(() => [String], description, options);

/** Declares a list of whole numbers of 32 bits. */
export const ints = <const Options extends ColumnOptions = object>(
  description: string,
  options?: Options,
): Column<number[], number[], Options> => of(() => [Int], description, options);

/** Declares a list of IDs. */
export const ids = <const Options extends ColumnOptions = object>(
  description: string,
  options?: Options,
): Column<string[], string[], Options> => of(() => [ID], description, options);

type Instance<Type> = Type extends StringConstructor
  ? string
  : Type extends abstract new (...args: never[]) => infer Instance
    ? Instance
    : Type extends EntityStub
      ? Type
      : Type extends Readonly<Record<string, string | number>>
        ? Type[keyof Type]
        : unknown;

/** Value of a type in TypeScript: of a class its instances, of an enum its values, of a union of stubs a stub, of a list an array. */
type ValueOf<Type> = Type extends readonly (infer Item)[] ? Instance<Item>[] : Instance<Type>;

/** Declares a column whose type is a class, an enum, or a list of one: `column.of(() => BuildingStatus, "Status of the building.")`. */
export function of<Out extends object, const Options extends ColumnOptions = object>(
  type: () => Out,
  description: string,
  options?: Options,
): Column<ValueOf<Out>, ValueOf<Out>, Options> {
  return { type, inputType: type, description, options: options ?? ({} as Options) };
}

/** As `of`, with an input type of its own: `column.pair(() => Position, () => PositionInput, "Position on the map.")`. */
export function pair<Out extends object, In extends object, const Options extends ColumnOptions = object>(
  type: () => Out,
  inputType: () => In,
  description: string,
  options?: Options,
): Column<ValueOf<Out>, ValueOf<In>, Options> {
  return { type, inputType, description, options: options ?? ({} as Options) };
}

type ShownOnly<Declared> = {
  readonly [Name in keyof Declared]: Declared[Name] & { readonly options: { readonly created: false; readonly updated: false } };
};

/** Declares columns that no input has: `...column.shownOnly({ closedAt: column.time("When it was closed.", { nullable: true }), … })`. */
export const shownOnly = <const Declared extends Readonly<Record<string, Column<never, never>>>>(map: Declared): ShownOnly<Declared> =>
  Object.fromEntries(
    Object.entries(map).map(([name, each]) => [name, { ...each, options: { ...each.options, created: false, updated: false } }]),
  ) as ShownOnly<Declared>;

function scalar<Out, In, const Options extends ColumnOptions>(
  type: object,
  description: string,
  options: Options | undefined,
): Column<Out, In, Options> {
  return { type: () => type, inputType: () => type, description, options: options ?? ({} as Options) };
}
