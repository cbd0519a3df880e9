/** Colours of the charts. */
export const BLUE = '#2f6db3';
export const PALE = '#b9cfe6';
export const ORANGE = '#d9762b';
export const GREEN = '#2c8a63';
