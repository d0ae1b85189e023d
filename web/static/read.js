{let d=document,f=()=>navigator.sendBeacon(location.pathname.replace(/\/?$/,"/read"));d.prerendering?d.addEventListener("prerenderingchange",f):f()}
