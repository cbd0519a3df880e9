/** What is used of @niivue/dcm2niix 1.2, which brings no types. */
declare module '@niivue/dcm2niix' {
  interface Conversion {
    /** `-b`: a JSON file beside each image. */
    b(value: 'y' | 'n'): Conversion;
    /** `-f`: how files are named. */
    f(pattern: string): Conversion;
    /** `-z`: compression. */
    z(value: 'y' | 'n'): Conversion;
    run(): Promise<File[]>;
  }

  export class Dcm2niix {
    worker: Worker | null;
    init(): Promise<boolean>;
    input(files: readonly File[]): Conversion;
  }
}
