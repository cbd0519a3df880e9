/** The page that shows the kernels. */
document.querySelector('#main')!.textContent = 'The kernels of voxgrad, run by this browser.';
