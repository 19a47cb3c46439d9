import type { TransitionDrafts } from "@weft/react";
import { createContext, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { RequestActivity } from "../../gql/graphql";
import { transitionDrafts } from "../transition-drafts";
import { announceDoing } from "./announcer";

/** ID of the request that the forms of the page change. */
export const EditedRequest = createContext<string | null>(null);

/** Shows others what the user does with the request of the page. Null: nothing. */
export function useDoing(activity: RequestActivity | null, isInternal = false): void {
  const requestId = useContext(EditedRequest);
  useEffect(
    () => (requestId === null || activity === null ? undefined : announceDoing(requestId, { activity, isInternal })),
    [requestId, activity, isInternal],
  );
}

/** Who has not typed for so long no longer writes, although the text is still there. */
const pauseMs = 60_000;

/** Shows others that the user is writing a comment. Call the result when the user types. */
export function useWriting(text: string, isInternal: boolean): () => void {
  const [isTyping, setTyping] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useDoing(isTyping && text !== "" ? "COMMENTING" : null, isInternal);
  return () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setTyping(false), pauseMs);
    setTyping(true);
  };
}

/** Shows others that the user changes the request. Call the result, for `onChange` of the element around the fields, when something is entered. */
export function useChanging(): () => void {
  const [isChanged, setChanged] = useState(false);
  useDoing(isChanged ? "CHANGING" : null);
  return () => setChanged(true);
}

/** Returns the drafts of transitions, and shows others that the user changes the request while there is one. */
export function useChangingBy(drafts: TransitionDrafts | undefined): TransitionDrafts | undefined {
  const [isFilled, setFilled] = useState(false);
  useDoing(isFilled ? "CHANGING" : null);
  return useMemo(
    () =>
      drafts && {
        read: drafts.read,
        keep: (transition, draft) => {
          drafts.keep(transition, draft);
          setFilled(draft !== null && !transitionDrafts.isEmpty(draft));
        },
      },
    [drafts],
  );
}
