import { expect, test } from "vitest";
import { sidebar } from "./sidebar.ts";
import { collectSources, repositoryPath, siteLink } from "./sources.ts";
import { linksToBuiltPages, structureProblems } from "./structure.ts";

test("a link of a page is a path in the repository; links to the web, to the page itself and out of the repository are none", () => {
  expect(repositoryPath("docs/how-to/clients.md", "../reference/api.md")).toBe("docs/reference/api.md");
  expect(repositoryPath("docs/index.md", "../README.md")).toBe("README.md");
  expect(repositoryPath("docs/index.md", "../examples/clients/")).toBe("examples/clients");
  for (const href of ["", "#live", "https://example.com/a.md", "mailto:a@example.com", "/explorer", "../../secret.md"])
    expect([href, repositoryPath("docs/index.md", href)]).toEqual([href, undefined]);
});

test("pages of docs/ are at the top of the site, and what they link to outside is there too", () => {
  expect(siteLink("docs/reference/api.md")).toBe("reference/api.md");
  expect(siteLink("docs/explanation/decisions")).toBe("explanation/decisions/index.md");
  expect(siteLink("CHANGELOG.md")).toBe("repository/CHANGELOG.md");
  expect(siteLink("schema.graphql")).toBe("repository/schema.graphql.txt");
  const paths = new Set(collectSources().map(({ path }) => path));
  for (const path of [
    "docs/index.md",
    "README.md",
    "schema.graphql",
    "examples/definitions",
    "examples/definitions/purchase-approval.yaml",
  ])
    expect([path, paths.has(path)]).toEqual([path, true]);
  expect([...paths].filter((path) => /node_modules|\.env|dist\//.test(path))).toEqual([]);
});

test("the sidebar has the five kinds of pages, with the pages that their indexes list", () => {
  const items = sidebar();
  expect(items.map(({ text }) => text)).toEqual(["Tutorials", "How-to guides", "Reference", "Explanation", "Evidence"]);
  expect(JSON.stringify(items)).toContain('"link":"/tutorials/approval-process"');
  expect(JSON.stringify(items)).toContain('"link":"/explanation/decisions/0001-engine-in-the-database-transaction"');
});

test("a committed page that links to a built one is reported, unless it is the index of its folder", () => {
  const pages = [
    { path: "docs/reference/schema/index.md", text: "[Queries](workflows-queries.md)" },
    { path: "docs/reference/schema/workflows-queries.md", text: "[Permissions](../permissions/roles.md)" },
    {
      path: "docs/how-to/people.md",
      text: "[Schema](../reference/schema/index.md), [queries](../reference/schema/workflows-queries.md#tasks)",
    },
  ];
  expect(linksToBuiltPages(pages)).toEqual([
    "docs/how-to/people.md links to docs/reference/schema/workflows-queries.md, which is not committed. Link to docs/reference/schema/index.md instead.",
  ]);
});

test("a page that no index lists is reported, and so is one outside the sections", () => {
  expect(structureProblems(["docs/reference/api.md", "docs/explanation/decisions/index.md"])).toEqual([]);
  expect(structureProblems(["docs/reference/lost.md"])).toEqual(["docs/reference/index.md does not list lost.md. Add it there."]);
  expect(structureProblems(["docs/lost.md"])[0]).toBe(
    "docs/lost.md is not in a section. Move it to docs/tutorials/, docs/how-to/, docs/reference/, docs/explanation/, docs/evidence/.",
  );
});
