/** How people work together on a request: they comment, set priorities, watch, link, offer and ask. */
import type { Actor, MadeRequest } from "./actor.js";

/** A comment. Without an audience, everybody who sees the request reads it. */
interface Comment {
  readonly audience?: "PUBLIC" | "INTERNAL";
  readonly text: string;
  readonly mentions?: readonly Actor[];
  readonly files?: readonly string[];
}

export async function comment(
  by: Actor,
  { id }: MadeRequest,
  { audience = "PUBLIC", text, mentions = [], files = [] }: Comment,
): Promise<void> {
  await by.write("mutation DemoSay($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }", {
    input: { id, audience, text, mentionedUserIds: mentions.map((one) => one.id), fileIds: files },
  });
}

interface Triage {
  readonly impact?: "LOW" | "MEDIUM" | "HIGH";
  readonly urgency?: "LOW" | "MEDIUM" | "HIGH";
  readonly priority?: "LOW" | "NORMAL" | "HIGH" | "URGENT";
  readonly dueAt?: string;
  readonly tags?: readonly string[];
}

export async function triage(by: Actor, { id }: MadeRequest, decision: Triage): Promise<void> {
  await by.write("mutation DemoTriage($input: TriageRequestInput!) { triageRequest(input: $input) { request { id } } }", {
    input: { id, ...decision },
  });
}

export async function watch(by: Actor, { id }: MadeRequest): Promise<void> {
  await by.write("mutation DemoWatch($input: WatchRequestInput!) { watchRequest(input: $input) { request { id } } }", { input: { id } });
}

export async function link(by: Actor, from: MadeRequest, kind: "BLOCKS" | "DUPLICATES" | "RELATES_TO", to: MadeRequest): Promise<void> {
  await by.write("mutation DemoLink($input: LinkRequestsInput!) { linkRequests(input: $input) { request { id } } }", {
    input: { id: from.id, kind, toId: to.id },
  });
}

interface Offer {
  readonly vendorId: string;
  readonly expiresInMinutes: number;
  readonly title: string;
  readonly category: string;
  readonly note?: string;
}

/** @returns the offer's ID */
export async function offer(by: Actor, { id }: MadeRequest, terms: Offer): Promise<string> {
  const { offerToVendor } = await by.write<{ offerToVendor: { offer: { id: string } } }>(
    "mutation DemoOffer($input: OfferToVendorInput!) { offerToVendor(input: $input) { offer { id } } }",
    { input: { requestId: id, ...terms } },
  );
  return offerToVendor.offer.id;
}

export async function acceptOffer(by: Actor, id: string): Promise<void> {
  await by.write("mutation DemoAccept($input: KeyedIdInput!) { acceptOffer(input: $input) { offer { id } } }", { input: { id } });
}

/** A vendor declines an offer once, so the mutation takes no key. */
export async function declineOffer(by: Actor, id: string, reason: string): Promise<void> {
  await by.api.run("mutation DemoDecline($input: DeclineOfferInput!) { declineOffer(input: $input) { offer { id } } }", {
    input: { id, reason },
  });
}

/** Asks about the open task of the instance, which `by` works on. @returns the task's ID */
export async function ask(by: Actor, instanceId: string, asked: Actor, text: string): Promise<string> {
  const { id } = await by.openTask(instanceId);
  await by.write("mutation DemoAsk($input: AskForInformationInput!) { askForInformation(input: $input) { task { id } } }", {
    input: { id, askedId: asked.id, text },
  });
  return id;
}

export async function answer(by: Actor, taskId: string, text: string): Promise<void> {
  await by.write("mutation DemoAnswer($input: AnswerQuestionInput!) { answerQuestion(input: $input) { task { id } } }", {
    input: { id: taskId, text },
  });
}

/** Sets the deadline of the open task of the instance to some hours from now. Negative: it is overdue. */
export async function setDeadline(by: Actor, instanceId: string, hours: number): Promise<void> {
  const { id } = await by.openTask(instanceId);
  await by.write("mutation DemoDeadline($input: UpdateTaskInput!) { updateTask(input: $input) { task { id } } }", {
    input: { id, dueAt: new Date(Date.now() + hours * 3_600_000).toISOString() },
  });
}
