import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { WeftProvider } from "@weft/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { App } from "./app";
import type { InboxQuery } from "./gql/graphql";
import { tokens, weftForTests, type Answer, type WeftForTests } from "./testing/weft-for-tests";

type Node = NonNullable<InboxQuery["tasks"]>["edges"][number]["node"];

const task = (title: string): Node => ({
  id: `tsk_${title}`,
  title,
  status: "OPEN",
  priority: "HIGH",
  dueAt: null,
  isOverdue: false,
  createdAt: "2026-03-01T09:00:00Z",
  assignee: null,
  subject: { id: "req_1", number: "MR-12" },
  instance: { id: "wfi_1", stateTitle: "Triage" },
});

const type = {
  id: "rqt_1",
  key: "leave",
  name: "Leave",
  description: "Time off",
  form: {
    name: "leave",
    title: "Leave",
    description: null,
    schema: {
      type: "object",
      required: ["data"],
      properties: { data: { type: "object", required: ["reason"], properties: { reason: { type: "string" } } } },
    },
    uiSchema: {
      elements: [{ type: "Control", scope: "#/properties/data/properties/reason", label: "Reason", options: { fieldType: "text" } }],
    },
    data: {},
  },
};

/** What Weft answers to a password. */
const logins: Readonly<Record<string, Answer>> = {
  right: { login: tokens },
  temporary: { code: "PASSWORD_CHANGE_REQUIRED", message: "The password is temporary.", resetToken: "reset-1" },
  unprotected: { login: { ...tokens, mustEnrolSecondFactor: true } },
  protected: { code: "MFA_REQUIRED", message: "A second factor is needed.", mfaToken: "mfa-1", methods: ["TOTP"] },
};

let titles: string[];
let weft: WeftForTests;
beforeEach(() => {
  location.hash = "";
  titles = ["Inspect the boiler"];
  const counts = () => ({ offeredToMe: titles.length, mine: 0, overdue: 0 });
  weft = weftForTests({
    Login: ({ input }: { input: { password?: string; code?: string } }) =>
      input.code === undefined
        ? (logins[input.password ?? ""] ?? { code: "UNAUTHENTICATED", message: "The login or the password is wrong." })
        : { code: "BAD_USER_INPUT", message: "The code is wrong." },
    logout: () => ({ logout: null }),
    Frame: () => ({ liveCursor: "cursor-0", me: { id: "usr_1", name: "Olga Operations" }, taskCounts: counts() }),
    Inbox: () => ({
      liveCursor: "cursor-0",
      taskCounts: counts(),
      tasks: { totalCount: titles.length, edges: titles.map((title) => ({ node: task(title) })) },
    }),
    Requests: () => ({ liveCursor: "cursor-0", requests: { totalCount: 0, edges: [] } }),
    RequestTypes: () => ({ liveCursor: "cursor-0", requestTypes: { edges: [{ node: type }] } }),
    CreateRequest: () => ({ createRequest: { request: { id: "req_1" } } }),
  });
});
afterEach(() => {
  cleanup();
  weft.client.close();
});

const open = () =>
  render(
    <WeftProvider client={weft.client}>
      <App />
    </WeftProvider>,
  );

async function openSignedIn(path: string) {
  location.hash = path;
  await weft.client.session.adopt(tokens);
  open();
}

function logIn(password: string) {
  fireEvent.change(screen.getByLabelText("Email address or user name"), { target: { value: "olga" } });
  fireEvent.change(screen.getByLabelText("Password"), { target: { value: password } });
  fireEvent.click(screen.getByRole("button", { name: "Log in" }));
}

test("a login opens the inbox", async () => {
  open();
  logIn("right");
  expect(await screen.findByRole("link", { name: /Inspect the boiler.*MR-12.*High/ })).toBeTruthy();
  expect(screen.getByText("Olga Operations")).toBeTruthy();
});

test("a refused login says why", async () => {
  open();
  logIn("wrong");
  expect((await screen.findByRole("alert")).textContent).toBe("The login or the password is wrong.");
});

test("a temporary password leads to the page that changes it", async () => {
  open();
  logIn("temporary");
  const link = await screen.findByRole<HTMLAnchorElement>("link", { name: "choose a new one in Weft" });
  expect(link.href).toBe(`${import.meta.env.VITE_WEFT_URL}/reset-password#token=reset-1`);
});

test("a user who must set up a second factor learns so", async () => {
  open();
  logIn("unprotected");
  expect(await screen.findByRole("heading", { name: "Set up a second factor" })).toBeTruthy();
  expect(weft.sent("Inbox")).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Log in again" }));
  expect(await screen.findByRole("heading", { name: "Log in to my-weft-app" })).toBeTruthy();
});

test("the way back from the second factor forgets what was wrong with it", async () => {
  open();
  logIn("protected");
  fireEvent.change(await screen.findByLabelText("Code from your authenticator app"), { target: { value: "123456" } });
  fireEvent.click(screen.getByRole("button", { name: "Log in" }));
  expect((await screen.findByRole("alert")).textContent).toBe("The code is wrong.");
  fireEvent.click(screen.getByRole("button", { name: "Back" }));
  expect(screen.getByLabelText("Password")).toBeTruthy();
  expect(screen.queryByRole("alert")).toBeNull();
});

test("an address with a stray % shows the inbox", async () => {
  await openSignedIn("/inbox/%");
  expect(await screen.findByText("Inspect the boiler")).toBeTruthy();
});

test("a task of somebody else's making appears without a reload", async () => {
  await openSignedIn("/inbox");
  await screen.findByText("Inspect the boiler");
  await screen.findByText("Live");
  titles.push("Approve the invoice");
  weft.emit("InboxChanged", { taskChanged: { cursor: "cursor-1", occurredAt: "2026-03-01T09:00:00Z" } });
  expect(await screen.findByText("Approve the invoice")).toBeTruthy();
});

test("each tab of the inbox asks for its queue", async () => {
  await openSignedIn("/inbox/overdue");
  await screen.findByText("Inspect the boiler");
  expect(weft.sent("Inbox")).toEqual([{ queue: "OVERDUE" }]);
});

test("a search is sent when the user has stopped typing", async () => {
  await openSignedIn("/requests");
  await screen.findByText("There are no requests yet.");
  for (const value of ["b", "bo", "boiler"]) fireEvent.change(screen.getByLabelText("Search requests"), { target: { value } });
  expect(await screen.findByText("No requests match your search.")).toBeTruthy();
  expect(weft.sent("Requests")).toEqual([
    { first: 25, filter: null },
    { first: 25, filter: { search: { contains: "boiler" } } },
  ]);
});

test("a new request is sent when its form is complete", async () => {
  await openSignedIn("/requests/new/leave");
  const create = await screen.findByRole("button", { name: "Create the request" });
  fireEvent.click(create);
  expect(await screen.findByText("Fill in this field.")).toBeTruthy();
  expect(weft.sent("CreateRequest")).toEqual([]);
  fireEvent.change(screen.getByLabelText(/Reason/), { target: { value: "Holidays" } });
  fireEvent.click(create);
  await expect.poll(() => location.hash).toBe("#/requests/req_1");
  expect(weft.sent("CreateRequest")).toEqual([{ input: expect.objectContaining({ typeKey: "leave", data: { reason: "Holidays" } }) }]);
});

test("a logout shows the login again", async () => {
  await openSignedIn("/inbox");
  fireEvent.click(await screen.findByRole("button", { name: "Log out" }));
  expect(await screen.findByRole("heading", { name: "Log in to my-weft-app" })).toBeTruthy();
  expect(screen.queryByText("Inspect the boiler")).toBeNull();
});
