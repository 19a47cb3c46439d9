import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { WeftProvider, type Task } from "@weft/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tokens, weftForTests, type WeftForTests } from "../testing/weft-for-tests";
import { ViewerContext } from "../viewer";
import { TaskPage } from "./task-page";

const olga = { id: "usr_1", name: "Olga Operations" };
const max = { id: "usr_2", name: "Max Manager" };

let task: Task;
let isDown: boolean;
let weft: WeftForTests;
beforeEach(() => {
  isDown = false;
  task = {
    id: "tsk_1",
    version: 1,
    title: "Inspect the boiler",
    instructions: null,
    status: "OPEN",
    isSuspended: false,
    state: "triage",
    priority: "NORMAL",
    dueAt: null,
    isOverdue: false,
    createdAt: "2026-03-01T09:00:00Z",
    claimedAt: null,
    assignee: null,
    candidateRoles: [],
    checklist: [{ key: "valve", title: "Close the valve", isDone: false }],
    question: null,
    subject: null,
    form: null,
    availableTransitions: [],
    slaStatus: null,
    instance: null,
  };
  weft = weftForTests({
    WeftTask: () => (isDown ? { code: "INTERNAL", message: "Something is wrong." } : { liveCursor: "cursor-0", task }),
    WeftClaimTask: () => {
      task = { ...task, status: "CLAIMED", assignee: olga, version: 2 };
      return { claimTask: { task: { id: task.id, version: task.version } } };
    },
    UpdateChecklistItem: ({ input }: { input: { isDone: boolean } }) => {
      task = { ...task, checklist: task.checklist.map((item) => ({ ...item, isDone: input.isDone })) };
      return { updateChecklistItem: { task: { id: task.id } } };
    },
  });
});
afterEach(() => {
  cleanup();
  weft.client.close();
});

async function open() {
  await weft.client.session.adopt(tokens);
  render(
    <WeftProvider client={weft.client}>
      <ViewerContext value={olga.id}>
        <TaskPage id="tsk_1" />
      </ViewerContext>
    </WeftProvider>,
  );
}

test("a task that is claimed can be released, and the button keeps the focus", async () => {
  await open();
  const claim = await screen.findByRole("button", { name: /Claim it/ });
  claim.focus();
  fireEvent.click(claim);
  const release = await screen.findByRole("button", { name: "Release it for others" });
  expect(document.activeElement).toBe(release);
});

test.each([
  ["of another user", { status: "CLAIMED", assignee: max }],
  ["of a suspended workflow", { isSuspended: true }],
] as const)("a task %s can be neither claimed nor released", async (_, given) => {
  task = { ...task, ...given };
  await open();
  await screen.findByRole("heading", { name: "What do you decide?" });
  expect(screen.queryByRole("button", { name: /Claim|Release/ })).toBeNull();
});

test("a checked item is shown as checked, without an event", async () => {
  await open();
  fireEvent.click(await screen.findByRole("checkbox", { name: "Close the valve" }));
  await expect.poll(() => screen.getByRole<HTMLInputElement>("checkbox").checked).toBe(true);
});

test("the checklist of a closed task cannot be changed", async () => {
  task = { ...task, status: "CLOSED" };
  await open();
  expect((await screen.findByRole<HTMLInputElement>("checkbox")).disabled).toBe(true);
  expect(screen.getByText("This task is closed.")).toBeTruthy();
});

test("an outage does not say that there is no such task", async () => {
  isDown = true;
  await open();
  expect((await screen.findByRole("alert")).textContent).toBe("Something is wrong.");
  expect(screen.queryByText(/There is no such task/)).toBeNull();
});
