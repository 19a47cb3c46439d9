import { useNavigate, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { useViewer } from "../frame/viewer";
import { placeOf, type ObjectRef } from "../parts/object-place";
import type { Command } from "./use-commands";

/** An object that the user has opened from the palette. */
export interface Recent extends ObjectRef {
  readonly title: string;
  readonly detail?: string | undefined;
}

const most = 5;

const isRecent = (one: unknown): one is Recent =>
  typeof one === "object" &&
  one !== null &&
  ["__typename", "id", "title"].every((name) => typeof (one as Record<string, unknown>)[name] === "string");

function read(key: string): readonly Recent[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isRecent) : [];
  } catch {
    // The storage is blocked, or contains something else.
    return [];
  }
}

/** What the user has opened last, kept in the browser for each user. */
export function useRecent() {
  const viewer = useViewer();
  const key = `weft:recent:${viewer?.id ?? ""}`;
  const router = useRouter();
  const navigate = useNavigate();
  const [, setChanges] = useState(0);
  const kept = read(key);
  const add = (object: Recent): void => {
    try {
      localStorage.setItem(key, JSON.stringify([object, ...kept.filter(({ id }) => id !== object.id)].slice(0, most)));
    } catch {
      // It is not remembered.
    }
    setChanges((count) => count + 1);
  };
  const commands = kept.flatMap((object): Command[] => {
    const place = placeOf(router, viewer, object);
    if (place === null) return [];
    const run = (): void => {
      add(object);
      void navigate(place);
    };
    return [{ id: object.id, title: object.title, detail: object.detail, run }];
  });
  return { commands, add };
}
