import fc from "fast-check";
import { expect, test } from "vitest";
import { BadUserInput } from "../errors/errors.js";
import { entityIdTypes } from "./entity-types.js";
import { decodeId, encodeId, idPrefixes, parseAnyId } from "./type-ids.js";
import type { IdType } from "./type-ids.js";
import { isUuid, newId } from "./uuid-v7.js";

const anyType = fc.constantFrom(...(Object.keys(idPrefixes) as IdType[]));
const anyUuid = fc.uuid();

function refusal(type: IdType, text: string, path?: string): BadUserInput {
  try {
    decodeId(type, text, path);
  } catch (error) {
    if (error instanceof BadUserInput) return error;
  }
  throw new Error(`${text} was taken for the id of a ${type}`);
}

test("every UUID survives the conversion to a TypeID and back", () => {
  fc.assert(
    fc.property(anyType, anyUuid, (type, uuid) => {
      expect(decodeId(type, encodeId(type, uuid))).toBe(uuid);
    }),
  );
});

test("produces the text of the TypeID specification", () => {
  expect(encodeId("user", "00000000-0000-0000-0000-000000000000")).toBe("usr_00000000000000000000000000");
  expect(encodeId("user", "ffffffff-ffff-ffff-ffff-ffffffffffff")).toBe("usr_7zzzzzzzzzzzzzzzzzzzzzzzzz");
  expect(encodeId("user", "01890a5d-ac96-774b-bcce-b302099a8057")).toBe("usr_01h455vb4pex5vsknk084sn02q");
  for (const wrong of ["01890a5dxac96-774b-bcce-b302099a8057", "01890a5dac96774bbcceb302099a8057", "01890a5d-ac96-774b-bcce-b302099a805g"])
    expect(() => encodeId("user", wrong)).toThrow(SyntaxError);
});

test("accepts only the canonical text", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 60 }), fc.stringMatching(/^(req|usr|xyz)_[0-9a-z]{20,30}$/)), (text) => {
      const parsed = parseAnyId(text);
      expect(parsed ? encodeId(parsed.type, parsed.uuid) : text).toBe(text);
    }),
  );
});

test.each([
  ["of another type", encodeId("user", newId()), "is the ID of a user"],
  ["malformed", "req_nonsense", "is not a valid ID"],
  ["with more than 128 bits", `req_${"z".repeat(26)}`, "is not a valid ID"],
  ["in uppercase", encodeId("request", newId()).toUpperCase(), "is not a valid ID"],
  ["with letters that look alike", `req_0${"i".repeat(25)}`, "is not a valid ID"],
  ["that is a bare UUID", newId(), "is not a valid ID"],
  ["empty", "", "is not a valid ID"],
  ["overlong", `req_${"0".repeat(1_000_000)}`, "is not a valid ID"],
])("an ID %s is refused by name, with the expected type and the path", (_what, text, said) => {
  const error = refusal("request", text, "input.requestId");
  expect(error.problems).toEqual([{ path: "input.requestId", message: expect.stringContaining(said) as string }]);
  expect(error.message).toContain("expected the ID of a request (req_ and 26 letters and digits)");
  expect(error.message.length).toBeLessThan(250);
});

test("the kind of an ID has the correct indefinite article", () => {
  expect(refusal("asset", encodeId("instance", newId()), "id").message).toMatch(/is the ID of an instance; expected the ID of an asset /);
  expect(refusal("user", encodeId("event", newId()), "id").message).toMatch(/is the ID of an event; expected the ID of a user /);
  expect(refusal("requestType", encodeId("bulkOperation", newId()), "id").message).toMatch(
    /is the ID of a bulk operation; expected the ID of a request type /,
  );
});

test("new IDs are UUIDv7, unique, and never go backward within a process", () => {
  const ids = Array.from({ length: 20_000 }, () => newId());
  expect(ids.every((id) => isUuid(id) && id[14] === "7" && "89ab".includes(id[19] ?? ""))).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
});

test("prefixes have three letters, each belongs to one type, and every entity has one", () => {
  const prefixes = Object.values(idPrefixes);
  expect(new Set(prefixes).size).toBe(prefixes.length);
  expect(prefixes.every((prefix) => /^[a-z]{3}$/.test(prefix))).toBe(true);
  expect(Object.values(entityIdTypes).every((type) => type in idPrefixes)).toBe(true);
});
