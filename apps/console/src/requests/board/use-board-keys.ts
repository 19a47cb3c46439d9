import type { RefObject } from "react";
import { useKeys } from "../../frame/use-keys";

/** J and K go through a column, H and L to the next one, M opens the menu that moves the card with the focus. */
export function useBoardKeys(board: RefObject<HTMLElement | null>): void {
  const cards = (column: Element | undefined): HTMLElement[] => [...(column?.querySelectorAll<HTMLElement>(".board-card") ?? [])];
  const current = () => document.activeElement?.closest<HTMLElement>(".board-card") ?? null;
  const focus = (card: HTMLElement | undefined): void => card?.querySelector<HTMLElement>("a")?.focus();
  const columns = (): HTMLElement[] => [...(board.current?.querySelectorAll<HTMLElement>(".board-column") ?? [])];
  const first = (): void => focus(columns().flatMap((column) => cards(column).slice(0, 1))[0]);
  const within = (by: number): void => {
    const card = current();
    if (card === null) return first();
    const all = cards(card.closest(".board-column") ?? undefined);
    focus(all[all.indexOf(card) + by]);
  };
  const across = (by: 1 | -1): void => {
    const card = current();
    if (card === null) return first();
    const all = columns();
    const at = all.findIndex((column) => column.contains(card));
    const others = by === 1 ? all.slice(at + 1) : all.slice(0, at).toReversed();
    focus(cards(others.find((column) => cards(column).length > 0))[0]);
  };
  useKeys({
    j: () => within(1),
    k: () => within(-1),
    l: () => across(1),
    h: () => across(-1),
    ArrowDown: () => within(1),
    ArrowUp: () => within(-1),
    ArrowRight: () => across(1),
    ArrowLeft: () => across(-1),
    m: () => current()?.querySelector<HTMLElement>(".move")?.click(),
  });
}
