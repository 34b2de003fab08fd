// The mark as the icon of the tab, shown when this is imported: with a part of the page and not before, as
// browsers make a document of their own for it, and that while somebody waits for the first words.

const DRAWING = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='8' fill='#2a211a'/><g fill='none' stroke='#c9b79f'><ellipse cx='16' cy='16' rx='12' ry='13' stroke-width='1.6' opacity='.5'/><ellipse cx='16.6' cy='16.3' rx='8.8' ry='9.8' stroke-width='1.8' opacity='.8'/></g><ellipse cx='17.2' cy='16.6' rx='5.4' ry='6.4' fill='#57d69a'/></svg>`

const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
if (link !== null) link.href = `data:image/svg+xml,${encodeURIComponent(DRAWING)}`
