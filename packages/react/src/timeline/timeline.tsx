import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useTexts, useTimeZone } from "../provider/weft-provider.js";
import type { Texts } from "../texts/texts.js";

/** An entry of the history of an instance, with the fields of `historyFields`. */
export interface HistoryEntry {
  readonly id: string;
  readonly version: number;
  readonly kind: string;
  readonly transitionTitle: string | null;
  readonly fromTitle: string | null;
  readonly toTitle: string;
  readonly actor: { readonly id: string; readonly name: string } | null;
  readonly onBehalfOf: { readonly id: string; readonly name: string } | null;
  readonly comment: string | null;
  readonly isAutomatic: boolean;
  readonly at: string;
}

/** What to select of an entry for `Timeline`. */
export const historyFields =
  "id version kind transitionTitle fromTitle toTitle actor { id name } onBehalfOf { id name } comment isAutomatic at";

export interface TimelinePages<Entry> {
  /** What is shown now, newest first. */
  readonly shown: readonly Entry[];
  /** How many entries the next page adds. 0: all are shown. */
  readonly nextCount: number;
  readonly showMore: () => void;
}

/**
 * Shows a long history in pages, so that a page with thousands of entries appears as fast as one with ten.
 *
 * @param entries oldest first, as the API sends them
 */
export function useTimeline<Entry>(entries: readonly Entry[], pageSize = 50): TimelinePages<Entry> {
  const [pages, setPages] = useState(1);
  const count = pages * pageSize;
  const shown = useMemo(() => entries.slice(-count).reverse(), [entries, count]);
  return { shown, nextCount: Math.max(0, Math.min(pageSize, entries.length - count)), showMore: () => setPages(pages + 1) };
}

export interface TimelineProps<Entry extends HistoryEntry> {
  /** Oldest first, as the API sends them. */
  readonly entries: readonly Entry[];
  readonly pageSize?: number;
  /** Draws an entry. Default: what happened, when, by whom, and the comment. */
  readonly renderEntry?: (entry: Entry) => ReactNode;
}

/** The history of an instance, newest first. */
export function Timeline<Entry extends HistoryEntry>({ entries, pageSize = 50, renderEntry }: TimelineProps<Entry>): ReactNode {
  const texts = useTexts();
  const { shown, nextCount, showMore } = useTimeline(entries, pageSize);
  const list = useRef<HTMLOListElement | null>(null);
  const focusOn = useRef<string | null>(null);
  // The button moves away from under the focus: the first entry that it has added gets it.
  useEffect(() => {
    if (focusOn.current === null) return;
    const index = shown.findIndex(({ id }) => id === focusOn.current);
    focusOn.current = null;
    (list.current?.children[index + 1] as HTMLElement | undefined)?.focus();
  }, [shown]);
  return (
    <>
      <ol ref={list} data-weft="timeline" reversed>
        {shown.map((entry) => (
          <li key={entry.id} tabIndex={-1} data-kind={entry.kind}>
            {renderEntry ? renderEntry(entry) : <Entry entry={entry} texts={texts} />}
          </li>
        ))}
      </ol>
      {nextCount > 0 && (
        <button
          type="button"
          onClick={() => {
            focusOn.current = shown.at(-1)?.id ?? null;
            showMore();
          }}
        >
          {texts.showMore(nextCount)}
        </button>
      )}
    </>
  );
}

function Entry({ entry, texts }: { readonly entry: HistoryEntry; readonly texts: Texts }): ReactNode {
  const { transitionTitle, kind, fromTitle, toTitle, actor, onBehalfOf, isAutomatic, comment, at } = entry;
  const timeZone = useTimeZone();
  const format = useMemo(
    () => new Intl.DateTimeFormat(texts.locale, { dateStyle: "medium", timeStyle: "short", timeZone }),
    [texts.locale, timeZone],
  );
  return (
    <>
      <strong>{transitionTitle ?? texts.historyKind(kind)}</strong>
      {fromTitle !== null && fromTitle !== toTitle && ` ${fromTitle} → ${toTitle}`}{" "}
      <span data-weft="actor">
        {isAutomatic ? texts.automatic : (actor?.name ?? texts.somebody)}
        {onBehalfOf && ` ${texts.onBehalfOf(onBehalfOf.name)}`}
      </span>{" "}
      <time dateTime={at}>{format.format(new Date(at))}</time>
      {comment !== null && <blockquote>{comment}</blockquote>}
    </>
  );
}
