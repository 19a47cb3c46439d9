import type { ApiClient, ApiResult } from "../api-client.js";
import { follow } from "../story-feed.js";
import { type Scene, type StoryPart, storyParts, type StoryStep, storySteps } from "../story-steps.js";
import { exampleOperations, logIn, take } from "../story.js";

/** A demo organisation's domain and that of its vendor. */
export interface Place {
  readonly url: string;
  readonly domain: string;
  readonly vendorDomain: string;
}

/** What one person got out of the whole story. */
export interface Attempted {
  /** By the step's title: what the person was answered when trying it. */
  readonly answers: ReadonlyMap<string, string>;
  /** By the step's title: what the person saw of the request after it. */
  readonly views: ReadonlyMap<string, string>;
}

/** What can be tried; the owner's own decision, which the story shows to be refused, is tried as the step of somebody else. */
export const triedSteps = storySteps.filter(({ refusal }) => refusal === undefined);

/** The title of what a person hears, beside the steps. */
export const heard = "hear of its moves";

/** The story once more, with somebody who tries each step before the one whose part it is. */
export async function tryStory({ url, domain, vendorDomain }: Place, login: string): Promise<Attempted> {
  const operation = await exampleOperations();
  const who = await logIn(url, login);
  const cast = {} as Record<StoryPart, ApiClient>;
  for (const [part, name] of Object.entries(storyParts) as [StoryPart, string][])
    cast[part] = await logIn(url, `${name}@${part === "vendor" ? vendorDomain : domain}`);
  const answers = new Map<string, string>();
  const views = new Map<string, string>();
  const scene: Scene = {};
  const feed = follow(url, who.accessToken ?? "", operation("workflow-transitioned"), {}, () => {});
  await feed.ready;
  // The owner sees every move. What others are told of one is decided when it is told: the next step waits for that.
  const all = follow(url, cast.requester.accessToken ?? "", operation("workflow-transitioned"), {}, () => {});
  await all.ready;
  for (const step of triedSteps) {
    const answer = await who.send(operation(step.operation), step.variables(scene));
    answers.set(step.title, wordsFor(step, answer));
    if (step.operation === "verify-audit-trail") continue;
    // What moves the request is done once; everything else is the story's to do as well.
    if (answer.errors || !step.moves) await take(step, cast[step.by], operation, scene);
    if (step.moves && scene.request) {
      const state = await viewOf(cast.requester, scene.request.id);
      await all.reach((seen) => seen.at(-1)?.to === state);
    }
    if (scene.request) views.set(step.title, await viewOf(who, scene.request.id));
  }
  const moves = await feed.until((seen) => seen.some(({ to }) => to === "closed"));
  await all.until(() => true);
  answers.set(heard, `${moves.length} moves`);
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
