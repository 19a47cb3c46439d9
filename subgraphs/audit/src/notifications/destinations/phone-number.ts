/** Phone numbers of destinations, and the codes that confirm them. The database contains neither in a form that can be read or guessed. */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { BadUserInput } from "@weft/shared/errors";
import type { Keys } from "@weft/platform/config";

const e164 = /^\+[1-9]\d{6,14}$/;

/** Returns the number of an input. @throws BadUserInput */
export function phoneNumberIn(given: string): string {
  const phoneNumber = given.trim();
  if (e164.test(phoneNumber)) return phoneNumber;
  // The number is not repeated: errors are logged.
  const message =
    "The phone number is not in E.164 format. Write the country code and all digits without spaces, for example +41791234567.";
  throw new BadUserInput([{ path: "input.sms.phoneNumber", message }]);
}

/** Returns what is shown of a number. */
export const lastDigits = (phoneNumber: string): string => `…${phoneNumber.slice(-2)}`;

type InstallationKeys = Pick<Keys, "refresh">;

/** A key for each purpose, which all processes derive from the secret of the installation. */
const keyFor = ({ refresh }: InstallationKeys, label: string): Buffer => Buffer.from(hkdfSync("sha256", refresh, "", label, 32));

/** Returns the hash by which a number is found. All numbers could be tried against a hash without a key. */
export const phoneNumberHash = (keys: InstallationKeys, phoneNumber: string): string =>
  createHmac("sha256", keyFor(keys, "weft phone numbers 1")).update(phoneNumber).digest("hex");

/** Returns the hash of a code. It is another one in each message. */
export const codeHash = (keys: InstallationKeys, messageId: string, code: string): string =>
  createHmac("sha256", keyFor(keys, "weft phone codes 1")).update(`${messageId}/${code}`).digest("hex");

/** Returns whether two hashes are equal, in a time that does not depend on them. */
export const isSameHash = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};
