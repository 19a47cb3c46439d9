import type { Column, ColumnOptions } from "./column.js";

// Types that derive from declared columns: what an object shows, and what its inputs contain.

type OptionsOf<Each> = Each extends { readonly options: infer Options } ? Options : never;
type OutOf<Each> = Each extends Column<infer Out, never> ? Out : never;
type InOf<Each> = Each extends { readonly types?: (out: never, input: infer In) => void } ? In : never;

type Has<Each, Options extends ColumnOptions> = OptionsOf<Each> extends Options ? true : false;
type KeysWith<Declared, Options extends ColumnOptions> = {
  [Name in keyof Declared]: Has<Declared[Name], Options> extends true ? Name : never;
}[keyof Declared];

type NullableKeys<Declared> = KeysWith<Declared, { readonly nullable: true }>;

type ShownKeys<Declared> = Exclude<keyof Declared, KeysWith<Declared, { readonly shown: false }>>;
type ResolvedKeys<Declared> = Extract<ShownKeys<Declared>, KeysWith<Declared, { readonly resolved: true }>>;
type ShownValue<Declared, Name extends keyof Declared> = Name extends
  | Exclude<NullableKeys<Declared>, KeysWith<Declared, { readonly shownNullable: false }>>
  | KeysWith<Declared, { readonly shownNullable: true | "itemsAndList" }>
  ? OutOf<Declared[Name]> | null
  : OutOf<Declared[Name]>;
type Present<Declared> = { [Name in Exclude<ShownKeys<Declared>, ResolvedKeys<Declared>>]: ShownValue<Declared, Name> };

/** Members of the object type. */
export type Shown<Declared> = [ResolvedKeys<Declared>] extends [never]
  ? Present<Declared>
  : Present<Declared> & { [Name in ResolvedKeys<Declared>]?: ShownValue<Declared, Name> };

type CreatedKeys<Declared> = Exclude<keyof Declared, KeysWith<Declared, { readonly created: false }>>;
type OmissibleKeys<Declared> = NullableKeys<Declared> | KeysWith<Declared, { readonly optional: true }>;

/** Members of the input that creates an object. */
export type Created<Declared> = {
  [Name in Exclude<CreatedKeys<Declared>, OmissibleKeys<Declared>>]: InOf<Declared[Name]>;
} & { [Name in Extract<CreatedKeys<Declared>, OmissibleKeys<Declared>>]?: InOf<Declared[Name]> | null };

type UpdatedKeys<Declared> = Exclude<keyof Declared, KeysWith<Declared, { readonly updated: false }>>;
type RequiredInUpdate<Declared> = KeysWith<Declared, { readonly requiredInUpdate: true }>;

/** Members of the input that changes an object. */
export type Updated<Declared> = {
  [Name in Extract<UpdatedKeys<Declared>, RequiredInUpdate<Declared>>]: InOf<Declared[Name]>;
} & { [Name in Exclude<UpdatedKeys<Declared>, RequiredInUpdate<Declared>>]?: InOf<Declared[Name]> | null };

/** Columns that null clears in an update. */
export type Cleared<Declared> = Extract<UpdatedKeys<Declared>, NullableKeys<Declared> & string>;

type KeyKeys<Declared> = KeysWith<Declared, { readonly isKey: true }>;

/** Columns that an update changes. */
export type Changes<Declared> = {
  [Name in Exclude<UpdatedKeys<Declared>, KeyKeys<Declared>>]?: Name extends NullableKeys<Declared>
    ? InOf<Declared[Name]> | null
    : InOf<Declared[Name]>;
};

/** Members of an input that are stored as they are given. */
export type Plain<Declared, Input> = Pick<
  Input,
  Exclude<
    keyof Declared,
    | KeyKeys<Declared>
    | KeysWith<Declared, { readonly converted: true }>
    | KeysWith<Declared, { readonly created: false; readonly updated: false }>
  > &
    keyof Input
>;

/** Members of a row that the object type shows, without its ID. */
export type ShownOf<Declared, Row> = Pick<Row, Exclude<keyof Shown<Declared>, KeyKeys<Declared>> & keyof Row>;
