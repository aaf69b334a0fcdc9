import { createEffect, onCleanup } from "solid-js";
import { attention } from "../../lib/title.ts";

const SIZE = 64;

/** Draws the count on the icon of the tab, for users who keep the page in the background; for the life of the owner. */
export function useFavicon(): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (!link) return;
  const { href, type } = link;
  const plain = new Image();
  plain.src = href;
  const restore = () => Object.assign(link, { href, type });

  createEffect(() => {
    const count = attention();
    if (count === 0) {
      restore();
      return;
    }
    plain.decode().then(
      () => {
        if (count === attention()) Object.assign(link, { href: draw(plain, count), type: "image/png" });
      },
      // A browser that cannot draw the icon keeps the plain one.
      () => undefined,
    );
  });
  onCleanup(restore);
}

function draw(icon: HTMLImageElement, count: number): string {
  const canvas = document.createElement("canvas");
  canvas.width = SIZE;
  canvas.height = SIZE;
  const context = canvas.getContext("2d");
  if (!context) return icon.src;
  context.drawImage(icon, 0, 0, SIZE, SIZE);
  const text = count > 99 ? "99+" : String(count);
  const width = 22 + text.length * 13;
  context.fillStyle = "#be123c";
  context.beginPath();
  context.roundRect(SIZE - width, SIZE - 36, width, 36, 12);
  context.fill();
  context.fillStyle = "#ffffff";
  context.font = "bold 26px sans-serif";
  context.textAlign = "center";
  context.fillText(text, SIZE - width / 2, SIZE - 9);
  return canvas.toDataURL("image/png");
}
