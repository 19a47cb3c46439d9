import { expect, test } from "vitest";
import { extensionProblem } from "./file-extension.js";
import { defaultFileTypes } from "./file-types.js";

test.each([
  ["report.bat", "text/plain"],
  ["report.HTA", "text/plain"],
  ["report.pdf.ps1", "text/plain"],
  ["setup.exe", "application/zip"],
  ["data.iqy", "text/plain"],
  ["data.slk", "text/plain"],
  ["setup.appinstaller", "text/plain"],
  ["server.RDP", "text/plain"],
  ["window.terminal", "text/plain"],
  ["notes.one", "application/zip"],
  ["style.xsl", "text/plain"],
  ["page.jsp", "text/plain"],
  ["page.phtml", "text/plain"],
  ["report.ｂａｔ", "text/plain"],
  ["page.html", "text/plain"],
  ["plan.svg", "text/plain"],
  ["macros.docm", "application/zip"],
  ["invoice.pdf", "text/plain"],
  ["photo.png", "application/pdf"],
  ["notes.txt", "image/png"],
])("%s does not fit the type %s", (name, type) => {
  expect(extensionProblem(name, type)).toMatch(/^The name ends in "\.[a-z\d]+", which does not fit the content/);
});

test.each([
  ["Makefile", "text/plain"],
  [".env", "text/plain"],
  ["notes.v2.txt", "text/plain"],
  ["notes.v2", "text/plain"],
  ["offer no. 12", "application/pdf"],
  ["figures.csv", "text/plain"],
  ["figures.CSV", "text/csv"],
  ["photo.jpg", "image/heic"],
  ["letter.docx", "application/zip"],
  ["letter.doc", "application/msword"],
  ["clip.mp4", "audio/mp4"],
  ["setup.exe", "application/x-msdownload"],
])("%s fits the type %s", (name, type) => {
  expect(extensionProblem(name, type)).toBeNull();
});

test("no script has an extension that fits a type of the default list", () => {
  const scripts = ["bat", "cmd", "ps1", "vbs", "js", "hta", "lnk", "exe", "html", "svg", "jar", "sh", "docm"];
  expect(scripts.filter((extension) => defaultFileTypes.some((type) => extensionProblem(`a.${extension}`, type) === null))).toEqual([]);
});
