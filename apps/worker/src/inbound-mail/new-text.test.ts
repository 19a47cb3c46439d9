import { expect, test } from "vitest";
import { newTextOf } from "./new-text.js";

const quoted = "> ##- Reply above this line to comment. -##\n>\n> From Acme on Weft:\n> - The secret title";

test.each([
  [
    "a reply above a quote",
    `It is fixed.\n\nThanks\n\nOn Mon, 2 Mar 2026 at 10:00, Weft <weft@example.com> wrote:\n\n${quoted}`,
    "It is fixed.\n\nThanks",
  ],
  ["an attribution in two lines", `Fixed.\n\nOn Mon, 2 Mar 2026 at 10:00, Weft\n<weft@example.com> wrote:\n${quoted}`, "Fixed."],
  ["a German program", `Erledigt.\n\nAm 02.03.2026 um 10:00 schrieb Weft:\n${quoted}`, "Erledigt."],
  ["a Dutch program", `Klaar.\n\nOp ma 2 mrt 2026 om 10:00 schreef Weft <weft@example.com>:\n${quoted}`, "Klaar."],
  ["a French program", `Réparé.\n\nLe lun. 2 mars 2026 à 10:00, Weft <weft@example.com> a écrit :\n${quoted}`, "Réparé."],
  [
    "Outlook",
    "Done.\n\n________________________________\nFrom: Weft <weft@example.com>\nSent: Monday, 2 March 2026\nTo: Ada\nSubject: x\n\nThe secret title",
    "Done.",
  ],
  ["Outlook in German", "Erledigt.\n\nVon: Weft <weft@example.com>\nGesendet: Montag\nAn: Ada\n\nThe secret title", "Erledigt."],
  [
    "a program that does not mark the quote",
    "Done.\n\n##- Reply above this line to comment.\nEveryone reads it. -##\n\nThe secret title",
    "Done.",
  ],
  ["an original message", "Done.\n-----Original Message-----\nThe secret title", "Done."],
  ["a signature", "Done.\n\n-- \nAda Lovelace\nAcme", "Done."],
  ["answers between quotes", "> Is it hot?\nYes.\n> And wet?\nNo.", "Yes.\nNo."],
  ["other line ends and characters", "\ufeffOne\r\n\r\n\r\n\r\ntwo\u0000\u00a0\u202ethree  \r\n", "One\n\ntwo three"],
  [
    "no quote",
    "On the roof, she wrote a note: see the photo.\nFrom: here\nto there",
    "On the roof, she wrote a note: see the photo.\nFrom: here\nto there",
  ],
  ["nothing new", `\n\nOn Monday, Weft <weft@example.com> wrote:\n${quoted}`, ""],
])("keeps only the new text of %s", (_what, text, expected) => {
  expect(newTextOf(text)).toBe(expected);
});
