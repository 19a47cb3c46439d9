import "../request/request.css";
import "../requests/requests.css";
import "./gallery.css";
import { KeyboardMap } from "../frame/keyboard-map";
import { TitledSection } from "../parts/titled-section";
import { Anatomy } from "./anatomy";
import { FormSample } from "./form-sample";
import { States } from "./states";
import { Tokens } from "./tokens";

/** The parts that pages are made of, for those who develop the console. In English, because it is not part of it. */
export const GalleryPage = () => (
  <div className="gallery">
    <h1>Gallery</h1>
    <TitledSection title="Colors">
      <Tokens />
    </TitledSection>
    <TitledSection title="Density">
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
    </TitledSection>
    <TitledSection title="List, detail and side panel">
      <Anatomy />
    </TitledSection>
    <TitledSection title="Form">
      <FormSample />
    </TitledSection>
    <TitledSection title="States">
      <States />
    </TitledSection>
    <TitledSection title="Keyboard">
      <KeyboardMap />
    </TitledSection>
  </div>
);
