import { isSecretName } from "@weft/engine";
import { Forbidden, quote } from "@weft/shared/errors";
import { reachesAll } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";

/** Something that is wrong with an input. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

const KEY = /^(?=.{1,64}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

export const keyProblems = (path: string, key: string): Problem[] =>
  KEY.test(key)
    ? []
    : [
        {
          path,
          message: `${quote(key)} is not a valid key. Use words of lower-case letters and digits, joined by hyphens, for example code-review.`,
        },
      ];

export const secretProblems = (path: string, name: string | null | undefined): Problem[] =>
  name === null || name === undefined || isSecretName(name) ? [] : [{ path, message: `${quote(name)} is not a valid name of a secret.` }];

/** Whoever decides where a secret is sent must be a user who may let steps use it. @throws Forbidden */
export function assertMayUseSecrets({ viewer }: Context): void {
  if (!reachesAll(viewer, "secret.use")) throw new Forbidden("To send a secret, you need the permission secret.use in scope TENANT.");
}
