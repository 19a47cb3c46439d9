import type { ApiClient, ApiResult } from "../api-client.js";
import { follow } from "../story/story-feed.js";
import { type Scene, type StoryPart, storyParts, type StoryStep, storySteps } from "../story/story-steps.js";
import { exampleOperations, logIn, take } from "../story/story.js";

/** The domain of a demo organization and of its vendor. */
export interface Place {
  readonly url: string;
  readonly domain: string;
  readonly vendorDomain: string;
}

/** The results of one user for the whole story. */
export interface Attempted {
  /** The user's result of each step, by the step's title. */
  readonly answers: ReadonlyMap<string, string>;
  /** What the user saw of the request after each step, by the step's title. */
  readonly views: ReadonlyMap<string, string>;
}

/** Steps that can be tried. The owner's own decision, which the story shows to be refused, is tried as another user's step. */
export const triedSteps = storySteps.filter(({ refusal }) => refusal === undefined);

/** The title of the events that a user receives, in addition to the steps. */
export const heard = "receive its transitions";

/** Runs the story once more. A user tries each step before the user who normally takes it. */
export async function tryStory({ url, domain, vendorDomain }: Place, login: string): Promise<Attempted> {
  const operation = await exampleOperations();
  const who = await logIn(url, login);
  const cast = {} as Record<StoryPart, ApiClient>;
  for (const [part, name] of Object.entries(storyParts) as [StoryPart, string][])
    cast[part] = await logIn(url, `${name}@${part === "vendor" ? vendorDomain : domain}`);
  const answers = new Map<string, string>();
  const views = new Map<string, string>();
  const scene: Scene = {};
  const subscription = { query: operation("workflow-transitioned"), variables: {} };
  const feed = follow({ url, accessToken: who.accessToken ?? "", ...subscription });
  await feed.ready;
  // The owner receives every transition. Whether other users receive an event is decided on delivery, so the next step waits for delivery.
  const all = follow({ url, accessToken: cast.requester.accessToken ?? "", ...subscription });
  await all.ready;
  for (const step of triedSteps) {
    const answer = await who.send(operation(step.operation), step.variables(scene));
    answers.set(step.title, wordsFor(step, answer));
    if (step.operation === "verify-audit-trail") continue;
    // Steps that fire a transition happen once. All other steps are also taken by the story.
    if (answer.errors || !step.firesTransition) await take(step, cast[step.by], operation, scene);
    if (step.firesTransition && scene.request) {
      const state = await viewOf(cast.requester, scene.request.id);
      await all.reach((seen) => seen.at(-1)?.to === state);
    }
    if (scene.request) views.set(step.title, await viewOf(who, scene.request.id));
  }
  const transitions = await feed.until((seen) => seen.some(({ to }) => to === "closed"));
  await all.until(() => true);
  answers.set(heard, `${transitions.length} transitions`);
  return { answers, views };
}

function wordsFor(step: StoryStep, { data, errors }: ApiResult): string {
  const [value] = Object.values(data ?? {});
  if (value === null || value === undefined) return errors?.[0]?.extensions?.code ?? "null";
  return errors ? "in part" : (step.shows?.(data as never) ?? "done");
}

async function viewOf(who: ApiClient, id: string): Promise<string> {
  const { data, errors } = await who.send<{ request: { state: string } | null }>("query ($id: ID!) { request(id: $id) { state } }", { id });
  return data?.request?.state ?? errors?.[0]?.extensions?.code ?? "null";
}
