import { useEffect, useRef, useState } from "react";
import { useKeys } from "../frame/use-keys";

interface SearchFieldProps {
  /** What the field searches, for users who cannot see it. */
  readonly label: string;
  readonly placeholder: string;
  /** The words of the address. */
  readonly value: string;
  readonly onChange: (text: string) => void;
}

/** Pause in typing after which the list is loaded. */
const typingMs = 200;

/** What is typed goes to the address after a pause. `/` leads here, Enter and Escape lead back to the keys of the list. */
export function SearchField({ label, placeholder, value, onChange }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  useKeys({ "/": () => field.current?.focus() });
  const sent = useRef(value);
  useEffect(() => {
    // Back, and the lists of the navigation, change the address without typing. What was typed meanwhile must not be lost otherwise.
    if (value !== sent.current) setTyped(value);
    sent.current = value;
  }, [value]);
  useEffect(() => {
    if (typed.trim() === sent.current) return undefined;
    const timer = setTimeout(() => {
      sent.current = typed.trim();
      onChange(sent.current);
    }, typingMs);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <input
      ref={field}
      type="search"
      className="search-field"
      aria-label={label}
      placeholder={placeholder}
      value={typed}
      onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      onKeyDown={({ key, currentTarget }) => {
        if (key === "Escape" || key === "Enter") currentTarget.blur();
      }}
    />
  );
}
