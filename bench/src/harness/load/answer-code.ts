/** An error of an answer. */
export interface CodedError {
  readonly extensions?: { readonly code?: string };
}

/** Returns the code of the first error, or a text if it has none. */
export const codeOfFirst = (errors: readonly CodedError[] | undefined): string =>
  errors?.[0]?.extensions?.code ?? "an error without a code";

/** Returns the code of an answer's first error. `OK` if it has none. */
export function codeOf(text: string): string {
  const { errors } = JSON.parse(text) as { errors?: readonly CodedError[] };
  return errors === undefined ? "OK" : codeOfFirst(errors);
}
