/** The size of the clip's picture. */
export const WIDTH = 1280
export const HEIGHT = 720
