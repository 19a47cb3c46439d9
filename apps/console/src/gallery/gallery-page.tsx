import "../request/request.css";
import "../requests/requests.css";
import "./gallery.css";
import { useId, type ReactNode } from "react";
import { KeyboardMap } from "../frame/keyboard-map";
import { Anatomy } from "./anatomy";
import { FormSample } from "./form-sample";
import { States } from "./states";
import { Tokens } from "./tokens";

/** The parts that pages are made of, for those who develop the console. In English, because it is not part of it. */
export const GalleryPage = () => (
  <div className="gallery">
    <h1>Gallery</h1>
    <Part title="Colors">
      <Tokens />
    </Part>
    <Part title="Density">
      <ul className="gallery-density">
        <li style={{ height: "var(--row)" }}>A row of a list: 56 px, two lines</li>
        <li style={{ height: 40 }}>A row of a table: 40 px, one line</li>
        <li style={{ height: 32 }}>A control: 32 px, and 44 px for a finger</li>
        <li className="texts">
          <span style={{ fontSize: 20, fontWeight: 600 }}>Title 20</span> <span>Text 14</span>{" "}
          <span style={{ fontSize: 13 }}>Cell, side 13</span>{" "}
          <span className="soft" style={{ fontSize: 12 }}>
            Label 12
          </span>
        </li>
      </ul>
    </Part>
    <Part title="List, detail and side panel">
      <Anatomy />
    </Part>
    <Part title="Form">
      <FormSample />
    </Part>
    <Part title="States">
      <States />
    </Part>
    <Part title="Keyboard">
      <KeyboardMap />
    </Part>
  </div>
);

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
