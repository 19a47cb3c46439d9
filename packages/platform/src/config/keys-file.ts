import { z } from "zod";

/** An Ed25519 private key as a JSON Web Key. */
export const jwk = z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: z.string().length(43), d: z.string().length(43) });
const publicJwk = jwk.omit({ d: true });
const secret = z.string().refine((text) => Buffer.from(text, "base64url").length === 32, { error: "must be 32 bytes in base64url" });
const signing = z.object({ kid: z.string().min(1).max(64), privateJwk: jwk });

/** The shape of the keys file. */
export const keysFileSchema = z.object({
  /** Mode for which the keys were generated. Production rejects keys of a demo. */
  madeFor: z.enum(["demo", "production"]),
  access: signing.extend({
    /** Former keys. Files of earlier builds don't say when they were replaced. */
    previous: z.array(z.object({ kid: z.string().min(1).max(64), publicJwk, replacedAt: z.iso.datetime().optional() })).default([]),
    /** The key that a rotation has prepared. */
    next: signing.extend({ preparedAt: z.iso.datetime() }).optional(),
  }),
  checkpoint: signing,
  refresh: secret,
  cursor: secret,
  internalCall: secret,
  masterKey: secret,
  /** Known to every process before it replaces `masterKey`, so that all of them can read what it encrypts. */
  nextMasterKey: secret.optional(),
  /** Decrypt what they have encrypted, until everything is encrypted with `masterKey`. */
  previousMasterKeys: z.array(z.object({ key: secret, replacedAt: z.iso.datetime() })).default([]),
  databasePasswords: z.object({ app: z.string().min(16), worker: z.string().min(16), auth: z.string().min(16) }),
});

/** The content of the keys file. */
export type KeysFile = z.infer<typeof keysFileSchema>;

/** An Ed25519 private key as a JSON Web Key. */
export type PrivateJwk = z.infer<typeof jwk>;
export type PublicJwk = z.infer<typeof publicJwk>;
