import { errorsOf, NetworkError, WeftError, type ErrorAnswer } from "../errors.js";

/** Returns the error of an answer about a file that is not a success. */
export function refusalOf(status: number, text: string): WeftError {
  let errors: readonly ErrorAnswer[] = [];
  try {
    ({ errors = [] } = JSON.parse(text) as { errors?: readonly ErrorAnswer[] });
  } catch {
    // An answer of a proxy.
  }
  const [error] = errorsOf(errors);
  if (error) return error;
  if (status >= 500 || status === 408 || status === 429) return new NetworkError(`The file was not transferred (HTTP ${status}).`);
  return new WeftError({ message: `The transfer of the file was refused (HTTP ${status}).`, extensions: { code: `HTTP_${status}` } });
}
